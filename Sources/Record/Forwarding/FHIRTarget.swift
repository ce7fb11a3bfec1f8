internal import AsyncHTTPClient
internal import AuditForms
package import Handover
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
package import Primitives

/// Sends traces as FHIR AuditEvent resources, each by one POST (IHE ITI-20, RESTful ATNA).
package struct FHIRTarget: ForwardTarget {
    package let name: String
    package let kind = "fhir"
    package let batch = 50
    private let address: WebAddress
    private let authorities: [NIOSSLCertificate]?
    private let limit: Duration

    /// - Parameters:
    ///   - base: of the FHIR server, without `/AuditEvent`.
    ///   - authorities: file of the certificates above the server's, in PEM; `nil` for those of this machine.
    ///   - limit: time for one POST.
    package init(name: String, base: WebAddress, authorities: String?, limit: Duration) throws(SyslogConfigurationError) {
        self.name = name
        let text = base.text.hasSuffix("/") ? String(base.text.dropLast()) : base.text
        guard let address = WebAddress("\(text)/AuditEvent") else {
            throw SyslogConfigurationError(text: Text("trop long", "too long").of(base.text))
        }
        self.address = address
        self.limit = limit
        do {
            self.authorities = try authorities.map { try NIOSSLCertificate.fromPEMFile($0) }
        } catch {
            throw SyslogConfigurationError.noAuthorities(authorities ?? "")
        }
    }

    package func hand(_ leaves: [[UInt8]]) async throws(HandingFailure) {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        if let authorities {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(authorities)
            configuration.tlsConfiguration = tls
        }
        let settings = configuration
        do {
            try await HTTPClient.withHTTPClient(configuration: settings) { client in
                for (place, leaf) in leaves.enumerated() {
                    for resource in TraceRecord(leaf: leaf).map(TraceFHIR.resources) ?? [] {
                        do throws(FetchFailure) { try await post(resource, client) } catch { throw HandingFailure(handed: place, error) }
                    }
                }
            }
        } catch let failure as HandingFailure {
            throw failure
        } catch {
            throw HandingFailure(.unreachable(String("\(error)".prefix(200))))
        }
    }

    private func post(_ resource: JSON, _ client: HTTPClient) async throws(FetchFailure) {
        var request = HTTPClientRequest(url: address.text)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/fhir+json; fhirVersion=4.0")
        request.headers.add(name: "User-Agent", value: "cps-agent")
        request.body = .bytes(resource.canonical)
        do {
            let answer = try await client.execute(request, timeout: .nanoseconds(Int64(limit / .nanoseconds(1))))
            guard (200..<300).contains(answer.status.code) else { throw FetchFailure.status(Int(answer.status.code)) }
            // The connection serves again only when the answer was read; what it says does not matter.
            _ = try await answer.body.collect(upTo: 1 << 20)
        } catch {
            throw FetchFailure(sending: error)
        }
    }
}
