/// The version of this software.
public enum MillraceVersion {
    /// What `--version` prints, by semver.org's rules.
    public static let current = "0.1.0"
}
