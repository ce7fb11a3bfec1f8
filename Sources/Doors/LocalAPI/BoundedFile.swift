internal import Primitives

/// Small files that another program may have a hand in.
enum BoundedFile {
    /// Far more than any of them has.
    static let limit = 65_536

    /// `nil` when it cannot be read, is larger, is a link, or is not UTF-8.
    static func text(_ path: String) -> String? {
        guard let bytes = try? PlainFile.contents(path, limit: limit, followsLinks: false) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
