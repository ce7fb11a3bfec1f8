package import Primitives

/// Brings lists from elsewhere. An adapter implements it; what it brings is believed for its signature alone.
package protocol ListFetcher: Sendable {
    /// Writes what lies at `address` into a new file, in which nothing may be left that was not fetched whole.
    ///
    /// - Parameters:
    ///   - known: of the copy that is in force; a server that has nothing newer answers so.
    ///   - path: a file that is not there.
    ///   - largest: most bytes.
    /// - Returns: how to ask for something newer the next time; `nil` when there is nothing newer than `known`.
    func fetch(
        _ address: WebAddress, known: ListVersion?, into path: String, largest: Int
    ) async throws(FetchFailure) -> ListVersion?
}

/// What a server said of a copy, to be sent back to it (RFC 9110 §8.8).
package struct ListVersion: Hashable, Sendable {
    /// `ETag`.
    package let tag: String?
    /// `Last-Modified`.
    package let modified: String?

    /// Texts that no honest server sends are left out.
    package init(tag: String?, modified: String?) {
        self.tag = tag.flatMap { $0.utf8.count <= 256 ? $0 : nil }
        self.modified = modified.flatMap { $0.utf8.count <= 64 ? $0 : nil }
    }
}
