import EmbeddedStore

/// What is appended and compressed.
enum Samples {
    /// A batch of about that size, of records of 100 bytes.
    static func batch(byteCount: Int) -> EventBatch {
        var builder = EventBatchBuilder()
        let value = [UInt8](repeating: 7, count: 100)
        repeat {
            builder.append(key: nil, value: value, timestamp: Timestamp(1))
        } while builder.byteCount + 108 <= byteCount
        do {
            return try builder.seal()
        } catch {
            preconditionFailure("a batch that is not compressed can be sealed")
        }
    }

    /// Lines of a log: few words, other numbers in each.
    static func text(byteCount: Int) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(byteCount + 100)
        var state: UInt64 = 1
        while text.count < byteCount {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let line =
                "INFO request \(state >> 40) of tenant \(state >> 60) took \(state >> 50) us\n"
            text += Array(line.utf8)
        }
        text.removeLast(text.count - byteCount)
        return text
    }
}

extension EventStoreSettings {
    static var unsynced: EventStoreSettings {
        var settings = EventStoreSettings()
        settings.log.durability = .os
        return settings
    }
}
