extension Operation {
    /// What errors and traces call it: the case without its values.
    public var name: String {
        switch self {
        case .write: "write"
        case .read: "read"
        case .sync: "sync"
        case .startWriteBack: "startWriteBack"
        case .dropFromCache: "dropFromCache"
        case .truncate: "truncate"
        case .allocate: "allocate"
        case .open: "open"
        case .close: "close"
        case .size: "size"
        case .rename: "rename"
        case .removeFile: "removeFile"
        case .createFolder: "createFolder"
        case .removeFolder: "removeFolder"
        case .list: "list"
        case .syncFolder: "syncFolder"
        case .freeSpace: "freeSpace"
        }
    }
}
