import Glibc

/// What is wrong with the settings of a broker. Its text is for the person who wrote them.
public enum ConfigurationError: Error, Sendable, Hashable {
    /// A key that no broker has.
    public struct UnknownKey: Sendable, Hashable {
        /// As it was written.
        public let name: String
        /// Where it was written.
        public let origin: SettingOrigin
        /// The key that was perhaps meant.
        public let nearest: String?
    }

    /// A value that its key does not take.
    public struct BadValue: Sendable, Hashable {
        /// The key's name.
        public let key: String
        /// As it was written, without blanks around it.
        public let value: String
        /// Where it was written.
        public let origin: SettingOrigin
        /// What the key takes, such as `a whole number of at least 1`.
        public let allowed: String
    }

    /// All that were found, at least one.
    case unknownKeys([UnknownKey])
    /// All that were found, at least one; told where every key is known.
    case badValues([BadValue])
    /// `--set` without `=`.
    case notAnAssignment(String)
    /// The configuration file cannot be opened or read; `code` is the errno.
    case unreadableFile(path: String, code: Int32)
    /// The configuration file is not what `java.util.Properties` or its limits allow; lines count
    /// from 1.
    case badFile(path: String, line: Int, reason: String)
    /// Settings that are fine alone and not together.
    case conflict(String)
}

extension ConfigurationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownKeys(let keys):
            let lines = keys.map { key in
                let hint = key.nearest.map { "; did you mean \($0)?" } ?? ""
                return "unknown key \(key.name) (from \(key.origin))\(hint)"
            }
            return lines.joined(separator: "\n")
        case .badValues(let values):
            let lines = values.map { value in
                "\(value.key) = \"\(value.value)\" (from \(value.origin)) is not allowed;"
                    + " expected \(value.allowed)"
            }
            return lines.joined(separator: "\n")
        case .notAnAssignment(let text):
            return "--set \(text): expected key=value, such as --set num.partitions=3"
        case .unreadableFile(let path, let code):
            return "cannot read the configuration file \(path): \(Self.reason(code))"
        case .badFile(let path, let line, let reason):
            return "\(path):\(line): \(reason)"
        case .conflict(let text):
            return text
        }
    }

    private static func reason(_ code: Int32) -> String {
        switch code {
        case ENOENT: "there is no such file"
        case EACCES, EPERM: "permission denied"
        case EISDIR: "it is a folder"
        default: String(cString: strerror(code))
        }
    }
}

/// A value that a topic may not have.
public struct TopicSettingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// As the client wrote it.
    public let key: String
    /// As the client wrote it; `nil` is Kafka's null.
    public let value: String?
    /// What is allowed; `nil` if there is no such key.
    public let allowed: String?
    /// The key that was perhaps meant, where there is none of this name.
    public let nearest: String?

    public var description: String {
        guard let allowed else {
            let hint = nearest.map { "; did you mean \($0)?" } ?? ""
            return "a topic has no key \(key)\(hint)"
        }
        return "\(key) = \(value ?? "null") is not allowed; expected \(allowed)"
    }
}
