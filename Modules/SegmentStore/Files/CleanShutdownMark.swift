import Disk

/// `.kafka_cleanshutdown`: says that the data folder was left in order, so that nothing needs
/// recovery.
///
/// Its presence is what counts. Kafka since 3.7 writes `{"version":0,"brokerEpoch":12}` into it
/// (KIP-966), older versions leave it empty. It must be removed, durably, before the first write.
public struct CleanShutdownMark: Sendable, Hashable {
    /// The file's name in the data folder, Kafka's.
    public static let name = ".kafka_cleanshutdown"
    static let byteLimit = 4_096

    /// The broker's registration at its last run; `nil` where the mark does not say.
    public var brokerEpoch: Int64?

    public init(brokerEpoch: Int64?) { self.brokerEpoch = brokerEpoch }

    /// The mark in `folder`; `nil` where there is none: then the last run ended in a crash.
    ///
    /// Unreadable contents count as an empty mark, as in Kafka.
    public static func read(
        on disk: any Disk, folder: String
    ) throws(SideFileError) -> CleanShutdownMark? {
        let path = "\(folder)/\(name)"
        guard let bytes = try disk.readSideFile(path, limit: byteLimit) else { return nil }
        return CleanShutdownMark(reading: bytes)
    }

    /// Leaves the mark, durably. The last thing done to a folder.
    public func write(on disk: any Disk, folder: String) throws(SideFileError) {
        try disk.replaceSideFile("\(folder)/\(Self.name)", with: encoded)
    }

    /// Takes the mark away, durably.
    public static func remove(on disk: any Disk, folder: String) throws(SideFileError) {
        try disk.removeSideFile(name, in: folder)
    }

    var encoded: [UInt8] { Array("{\"version\":0,\"brokerEpoch\":\(brokerEpoch ?? -1)}".utf8) }

    /// Finds `"brokerEpoch": <number>`; a full JSON reader would say no more.
    package init(reading bytes: [UInt8]) {
        let key = Array("\"brokerEpoch\"".utf8)
        var start = 0
        while start + key.count < bytes.count, !bytes[start...].starts(with: key) { start += 1 }
        let digits = bytes.dropFirst(start + key.count)
            .drop { $0 == UInt8(ascii: ":") || $0 == 0x20 }
            .prefix { (0x30...0x39).contains($0) }
        brokerEpoch = digits.isEmpty ? nil : TextLines.number(digits)
    }
}
