package import Audit
package import Primitives

/// Sends each checkpoint to a web server: one POST of `text/plain` with the note as it is. Any answer of 200 to 299 means that it is kept.
package struct HTTPAnchor: AnchorTarget {
    package let name: String
    package let kind = "http"
    private let address: WebAddress
    private let limit: Duration

    /// - Parameter limit: time for one POST.
    package init(name: String, address: WebAddress, limit: Duration) {
        self.name = name
        self.address = address
        self.limit = limit
    }

    package func keep(_ notes: [String]) async throws(FetchFailure) {
        for note in notes {
            try await HTTPPost.send(Array(note.utf8), type: "text/plain; charset=utf-8", to: address, within: limit)
        }
    }

    /// What a server keeps is not asked for: how it would be told is not standard.
    package func kept(signedBy keys: [NoteVerifier]) async throws(FetchFailure) -> KeptCheckpoints? { nil }
}
