internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Primitives

/// One POST on a connection of its own; any answer of 200 to 299 means that it was taken.
enum HTTPPost {
    /// - Parameter limit: for all of it.
    static func send(_ body: [UInt8], type: String, to address: WebAddress, within limit: Duration) async throws(FetchFailure) {
        try await inTime(limit) { () async throws(FetchFailure) in try await exchange(body, type, address, limit) }
    }

    private static func exchange(_ body: [UInt8], _ type: String, _ address: WebAddress, _ limit: Duration) async throws(FetchFailure) {
        var request = HTTPClientRequest(url: address.text)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: type)
        request.headers.add(name: "User-Agent", value: "cps-agent")
        request.body = .bytes(body)
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
