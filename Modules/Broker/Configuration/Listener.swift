/// The text form of a listener: `PLAINTEXT://host:port`, an IPv6 address in brackets, an empty
/// host for every address.
enum Listener {
    static func parse(_ text: String) -> Endpoint? {
        problem(with: text) == nil ? split(text).endpoint : nil
    }

    static func text(_ endpoint: Endpoint) -> String { "PLAINTEXT://\(endpoint)" }

    /// What is wrong with the text of a listener, in words of what is allowed.
    static func problem(with text: String) -> String? {
        let parts = split(text)
        guard let name = parts.name else { return "PLAINTEXT://host:port" }
        guard name == "PLAINTEXT" else {
            return "PLAINTEXT://host:port; \(name) is not offered in this version"
        }
        return parts.endpoint == nil ? "PLAINTEXT://host:port with a port from 0 to 65535" : nil
    }

    private static func split(_ text: String) -> (name: String?, endpoint: Endpoint?) {
        guard let separator = text.firstRange(of: "://") else { return (nil, nil) }
        let name = text[..<separator.lowerBound].uppercased()
        let address = text[separator.upperBound...]
        guard let colon = address.lastIndex(of: ":"),
            let port = UInt16(address[address.index(after: colon)...])
        else { return (name, nil) }
        var host = address[..<colon]
        if host.first == "[", host.last == "]" {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return (name, nil)
        }
        return (name, Endpoint(host: String(host), port: Int(port)))
    }
}
