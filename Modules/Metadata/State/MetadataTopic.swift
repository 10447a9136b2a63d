/// The topic whose only partition is the metadata log; no client may use it.
public enum MetadataTopic {
    /// Among `TopicName.reservedNames`.
    public static let name = "__millrace_metadata"
    package static let folderName = "\(name)-0"
}
