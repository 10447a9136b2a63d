/// A part of a segment file that was read into memory for somebody and may leave it again.
///
/// It keeps the file open, also when its segment was deleted: let it go within seconds. May be
/// used on any thread.
public struct FilePages: Sendable {
    private let file: SegmentFile
    /// In bytes.
    public let range: Range<Int>

    init(file: SegmentFile, range: Range<Int>) {
        self.file = file
        self.range = range
    }

    /// The kernel's descriptor, valid while this value lives; `nil` on a simulated disk.
    public var descriptor: Int32? { file.descriptor }

    /// Whether a region that is alive, of whichever reader, has bytes here.
    public var isLent: Bool { file.isLent(range) }
}

extension FileRegion {
    /// Part of the file that the region lies in; `range` counts from the file's beginning and may
    /// reach beyond the region, as whole pages do.
    public func pages(_ range: Range<Int>) -> FilePages { FilePages(file: file, range: range) }
}
