import JSONText

/// Something that an inspection has to tell of a file, and where in it.
public struct Finding: Sendable, Hashable {
    /// Whether a finding makes a check fail.
    public enum Severity: String, Sendable, Hashable {
        /// Bytes that are not what was written, or files that contradict each other.
        case damage
        /// Something that is as it may be and still worth knowing.
        case notice
    }

    /// Where in the file.
    public enum Place: Sendable, Hashable {
        /// Counted from the file's first byte, 0.
        case byte(Int)
        /// Counted from 1.
        case line(Int)
        /// The file as such: that it is missing, foreign or unreadable.
        case wholeFile
    }

    /// Damage or notice.
    public var severity: Severity
    /// The file or folder, as the inspection came upon it.
    public var path: String
    /// Where in `path`.
    public var place: Place
    /// What is wrong or worth knowing, without the place.
    public var reason: String

    public init(_ severity: Severity, _ path: String, _ place: Place, _ reason: String) {
        self.severity = severity
        self.path = path
        self.place = place
        self.reason = reason
    }

    /// `damage: data/orders-0/00000000000000000000.log at byte 4711: …`
    public var text: String {
        switch place {
        case .byte(let position): "\(severity.rawValue): \(path) at byte \(position): \(reason)"
        case .line(let number): "\(severity.rawValue): \(path) in line \(number): \(reason)"
        case .wholeFile: "\(severity.rawValue): \(path): \(reason)"
        }
    }

    /// An object with `type`, `file`, `position` or `line`, and `reason`.
    public var json: JSONValue {
        var members = [
            JSONMember("type", .text(severity.rawValue)), JSONMember("file", .text(path)),
        ]
        switch place {
        case .byte(let position):
            members.append(JSONMember("position", .integer(Int64(position))))
        case .line(let number): members.append(JSONMember("line", .integer(Int64(number))))
        case .wholeFile: break
        }
        members.append(JSONMember("reason", .text(reason)))
        return .object(members)
    }
}
