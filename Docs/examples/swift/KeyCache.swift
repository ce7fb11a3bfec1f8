import AsyncHTTPClient
import CPSTokenVerifier
import Foundation
import NIOCore
import NIOHTTP1

/// The agent's published keys. They are fetched every ten minutes, and when a token names one that is not there; never more often than
/// every ten seconds, whatever is asked for.
actor KeyCache {
    private let address: String
    private var keys: TokenKeys?
    private var lastFetch = Date.distantPast

    init(address: String) { self.address = address }

    /// - Parameter renewed: a token named a key that is not among them.
    func current(renewed: Bool = false) async throws -> TokenKeys? {
        let age = Date().timeIntervalSince(lastFetch)
        if age > 600 || (age > 10 && (renewed || keys == nil)) {
            lastFetch = Date()
            let answer = try await HTTPClient.shared.execute(HTTPClientRequest(url: address), timeout: .seconds(5))
            let body = try await answer.body.collect(upTo: 65_536)
            if answer.status == .ok { keys = try TokenKeys(jwks: body.readableBytesView, fetchedAt: lastFetch) }
        }
        return keys
    }
}
