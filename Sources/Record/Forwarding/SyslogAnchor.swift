package import Audit
package import Primitives

/// Sends each checkpoint as a syslog message over TLS; its lines stand in the text as they are in the note, escaped as `\n`.
package struct SyslogAnchor: AnchorTarget {
    package let name: String
    package let kind = "syslog"
    private let client: SyslogClient
    private let host: String
    private let limit: Duration
    private let time: any TimeSource

    /// - Parameters:
    ///   - host: the name of this machine.
    ///   - limit: time for a batch.
    package init(name: String, client: SyslogClient, host: String, limit: Duration, time: any TimeSource) {
        self.name = name
        self.client = client
        self.host = host
        self.limit = limit
        self.time = time
    }

    package func keep(_ notes: [String]) async throws(FetchFailure) {
        let now = time.now()
        try await client.send(
            notes.map { note in
                let text = note.replacing("\n", with: "\\n")
                return SyslogMessage(severity: .notice, time: now, host: host, kind: "checkpoint", text: text).bytes
            }, within: limit)
    }

    /// Syslog is one way.
    package func kept(signedBy keys: [NoteVerifier]) async throws(FetchFailure) -> KeptCheckpoints? { nil }
}
