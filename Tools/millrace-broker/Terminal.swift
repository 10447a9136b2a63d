import Broker
import Glibc
import Vocabulary

/// What people see on standard output.
enum Terminal {
    static func greet(_ endpoint: Endpoint, dataFolder: String) {
        var reachable = endpoint
        if ["", "0.0.0.0", "::"].contains(endpoint.host) { reachable.host = "127.0.0.1" }
        write(
            """
            Millrace \(MillraceVersion.current) listens on \(endpoint), data in \(dataFolder)
            Try: echo hello | kcat -b \(reachable) -P -t greetings \
            && kcat -b \(reachable) -C -t greetings -e

            """, to: STDOUT_FILENO)
    }

    static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            // A closed terminal is no reason to stop.
            _ = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        }
    }
}
