extension Operation {
    /// What errors and traces call it: the case without its values.
    public var name: String {
        switch self {
        case .write: "write"
        case .writeDurably: "writeDurably"
        case .read: "read"
        case .readResident: "readResident"
        case .expectRandomReads: "expectRandomReads"
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

    /// The open file it works on; `nil` for operations that name a path.
    public var file: FileID? {
        switch self {
        case .write(let file, _, _), .writeDurably(let file, _, _), .read(let file, _, _),
            .readResident(let file, _, _), .expectRandomReads(let file),
            .sync(let file, _), .startWriteBack(let file, _, _), .dropFromCache(let file, _, _),
            .truncate(let file, _), .allocate(let file, _, _, _), .close(let file),
            .size(let file):
            file
        default: nil
        }
    }
}
