internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
package import Primitives

/// Gives JSON documents to a web server, each by one POST. Any answer of 200 to 299 means that it was taken.
package struct WebNotice: Sendable {
    private let address: WebAddress
    private let authorities: [NIOSSLCertificate]?
    private let limit: Duration

    /// - Parameters:
    ///   - authorities: file of the certificates above the server's, in PEM; `nil` for those of this machine.
    ///   - limit: time for one POST.
    package init(_ address: WebAddress, authorities: String?, limit: Duration) throws(SyslogConfigurationError) {
        self.address = address
        self.limit = limit
        do {
            self.authorities = try authorities.map { try NIOSSLCertificate.fromPEMFile($0) }
        } catch {
            throw SyslogConfigurationError.noAuthorities(authorities ?? "")
        }
    }

    package func send(_ document: [UInt8]) async throws(FetchFailure) {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        if let authorities {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(authorities)
            configuration.tlsConfiguration = tls
        }
        var request = HTTPClientRequest(url: address.text)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "cps-agent")
        request.body = .bytes(document)
        let (final, settings, limit) = (request, configuration, limit)
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
