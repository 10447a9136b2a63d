/// The version of this software.
public enum MillraceVersion {
    public static let current = "0.1.0"
}
