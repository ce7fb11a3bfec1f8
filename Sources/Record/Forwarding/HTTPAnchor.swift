internal import AsyncHTTPClient
package import Audit
internal import NIOCore
internal import NIOHTTP1
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
            try await inTime(limit) { [address, limit] () throws(FetchFailure) in try await Self.post(note, to: address, limit) }
        }
    }

    /// What a server keeps is not asked for: how it would be told is not standard.
    package func kept(signedBy keys: [NoteVerifier]) async throws(FetchFailure) -> KeptCheckpoints? { nil }

    private static func post(_ note: String, to address: WebAddress, _ limit: Duration) async throws(FetchFailure) {
        var request = HTTPClientRequest(url: address.text)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "text/plain; charset=utf-8")
        request.headers.add(name: "User-Agent", value: "cps-agent")
        request.body = .bytes(Array(note.utf8))
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        let (final, settings) = (request, configuration)
        do {
            let status = try await HTTPClient.withHTTPClient(configuration: settings) { client in
                try await client.execute(final, timeout: .nanoseconds(Int64(limit / .nanoseconds(1)))).status.code
            }
            guard (200..<300).contains(status) else { throw FetchFailure.status(Int(status)) }
        } catch {
            throw FetchFailure(sending: error)
        }
    }
}
