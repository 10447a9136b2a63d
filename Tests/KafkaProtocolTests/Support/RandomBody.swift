import NIOCore
import ProtocolGeneration
import Vocabulary

/// Makes random bodies straight from the grammar, without the generated Swift: what the Swift
/// reads and writes again must be the same bytes.
struct RandomBody {
    let api: Api
    let version: Int
    var generator: SeededRandom
    private var structures: [String: Structure] = [:]

    init(api: Api, version: Int, seed: UInt64) {
        self.api = api
        self.version = version
        self.generator = SeededRandom(seed: seed)
    }

    private var isFlexible: Bool { api.flexibleSince.map { version >= $0 } ?? false }

    mutating func make(_ message: Structure) -> ByteBuffer {
        structures = Dictionary(
            message.declaredWithin.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var bytes = ByteBuffer()
        write(message, to: &bytes)
        return bytes
    }

    private mutating func write(_ structure: Structure, to bytes: inout ByteBuffer) {
        let fields = structure.fields.filter { $0.versions.contains(version) }
        for field in fields where field.tag == nil {
            write(field, to: &bytes)
        }
        guard isFlexible else { return }
        // A tagged field that holds its default is not written, so it is left out here too.
        let tagged = fields.filter { $0.tag != nil && Bool.random(using: &generator) }
            .sorted { $0.tag! < $1.tag! }
        bytes.writeVarint(tagged.count)
        for field in tagged {
            var value = ByteBuffer()
            write(field.type, isTagged: true, to: &value)
            bytes.writeVarint(field.tag!)
            bytes.writeVarint(value.readableBytes)
            bytes.writeBuffer(&value)
        }
    }

    private mutating func write(_ field: Field, to bytes: inout ByteBuffer) {
        let isNullable = field.isNullable(in: version)
        let isNull = isNullable && Int.random(in: 0..<4, using: &generator) == 0
        if case .structure = field.type, isNullable {
            bytes.writeInteger(Int8(isNull ? -1 : 1))
            if isNull { return }
        } else if isNull {
            return writeLength(nil, of: field.type, to: &bytes)
        }
        write(field.type, isTagged: false, to: &bytes)
    }

    private mutating func write(_ type: FieldType, isTagged: Bool, to bytes: inout ByteBuffer) {
        switch type {
        case .structure(let name):
            guard let structure = structures[name] else { return }
            write(structure, to: &bytes)
        case .array(let element):
            let count = Int.random(in: (isTagged ? 1 : 0)...3, using: &generator)
            writeLength(count, of: type, to: &bytes)
            for _ in 0..<count { write(element, isTagged: false, to: &bytes) }
        case .primitive(let primitive):
            write(primitive, isTagged: isTagged, to: &bytes)
        }
    }

    private mutating func write(
        _ primitive: Primitive, isTagged: Bool, to bytes: inout ByteBuffer
    ) {
        switch primitive {
        case .bool:
            bytes.writeInteger(isTagged || generator.next() % 2 == 0 ? 1 : 0, as: UInt8.self)
        case .string, .bytes, .records:
            // Some are longer than a one-byte varint can say.
            let isLong = generator.next() % 8 == 0
            let count = Int.random(in: isLong ? 126...140 : 1...9, using: &generator)
            writeLength(count, of: .primitive(primitive), to: &bytes)
            for _ in 0..<count { bytes.writeInteger(UInt8.random(in: 32...126, using: &generator)) }
        default:
            // Bytes from 1 to 9 are no field's default.
            for _ in 0..<primitive.minimumByteCount(flexible: isFlexible) {
                bytes.writeInteger(UInt8.random(in: 1...9, using: &generator))
            }
        }
    }

    private func writeLength(_ count: Int?, of type: FieldType, to bytes: inout ByteBuffer) {
        if isFlexible {
            bytes.writeVarint((count ?? -1) + 1)
        } else if type == .primitive(.string) {
            bytes.writeInteger(Int16(count ?? -1))
        } else {
            bytes.writeInteger(Int32(count ?? -1))
        }
    }
}

extension ByteBuffer {
    fileprivate mutating func writeVarint(_ value: Int) {
        var rest = value
        while rest > 127 {
            writeInteger(UInt8(rest % 128 + 128))
            rest /= 128
        }
        writeInteger(UInt8(rest))
    }
}
