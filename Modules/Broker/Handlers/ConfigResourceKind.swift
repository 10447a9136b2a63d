/// What has settings, with the numbers of the protocol.
enum ConfigResourceKind: Int8 {
    case topic = 2
    case broker = 4
}
