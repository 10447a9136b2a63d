/// The versions of a message in which something exists; both ends belong to it.
package struct VersionRange: Equatable {
    package var first: Int
    /// `nil`: in all later versions too.
    package var last: Int?

    /// Reads `3`, `3-13` or `3+`.
    init?(_ text: Substring) {
        if text.hasSuffix("+") {
            guard let first = Int(text.dropLast()), first >= 0 else { return nil }
            self.init(first: first, last: nil)
        } else {
            let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard let first = ends[0], let last = ends.last ?? nil, ends.count <= 2,
                0 <= first, first <= last
            else { return nil }
            self.init(first: first, last: last)
        }
    }

    init(first: Int, last: Int?) {
        self.first = first
        self.last = last
    }

    package func contains(_ version: Int) -> Bool {
        first <= version && version <= last ?? .max
    }

    func contains(_ other: VersionRange) -> Bool {
        first <= other.first && other.last ?? .max <= last ?? .max
    }

    /// The Swift expression that tells whether `version` lies in the range, given that it lies in
    /// `outer`; `nil` when it always does.
    func condition(within outer: VersionRange) -> String? {
        let low = first > outer.first ? "version >= \(first)" : nil
        let high = last.flatMap { last in
            last < outer.last ?? .max ? "version <= \(last)" : nil
        }
        switch (low, high) {
        case (nil, nil): return nil
        case (let low?, nil): return low
        case (nil, let high?): return high
        case (_?, _?): return "(\(first)...\(last!)).contains(version)"
        }
    }
}
