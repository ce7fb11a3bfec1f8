internal import Primitives

/// A program on another machine that the configuration names, and how it shows who it is.
package struct RemoteClient: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// On a practitioner's device: it can keep no secret (RFC 6749 §2.1) and shows the key of the device with each request.
        case device
        /// A server that takes tokens: by one of these certificates (SHA-256 of the DER form; RFC 8705 §2.2), or by a signature of one of
        /// the keys in a JWK set (RFC 7523; the bytes of its file).
        case server(certificates: Set<String>, keys: [UInt8]?)
    }

    package let client: Client
    package let kind: Kind

    package init(client: Client, kind: Kind) {
        self.client = client
        self.kind = kind
    }

    package var isDevice: Bool { kind == .device }
}

/// The entries of `clients` for programs on other machines.
package struct RemoteClients: Hashable, Sendable {
    /// The program that needs no entry.
    package static let builtIn = "cps-mobile"

    private let clients: [RemoteClient]

    package init(_ configured: [RemoteClient] = []) {
        let named = configured.contains { $0.client.name == Self.builtIn }
        let usual = RemoteClient(client: Client(name: Self.builtIn, operations: [.token], isConfigured: false), kind: .device)
        clients = configured + (named ? [] : [usual])
    }

    package func named(_ name: String) -> RemoteClient? { clients.first { $0.client.name == name } }

    /// The server with this certificate, by the SHA-256 of its DER form in lower-case hexadecimal.
    package func bearing(certificate digest: String) -> RemoteClient? {
        clients.first { entry in
            if case .server(let certificates, _) = entry.kind { certificates.contains(digest) } else { false }
        }
    }

    package var servers: [RemoteClient] { clients.filter { !$0.isDevice } }
}
