internal import Primitives

/// Figures for whoever watches the machine. Off while nothing listens.
package struct MetricsSection: Hashable, Sendable {
    package let listen: Listen?

    package enum Listen: Hashable, Sendable {
        /// A port of an address of the machine itself.
        case port(MobileSection.Endpoint)
        /// A Unix socket, by its path.
        case socket(String)
    }
}

extension MetricsSection {
    init(_ reader: inout ValueReader) {
        listen = reader.optional(
            "metrics.listen",
            expected: Text(
                "un port du poste lui-même, comme 127.0.0.1:9464 ou [::1]:9464, ou le chemin d'un socket",
                "a port of this machine itself, such as 127.0.0.1:9464 or [::1]:9464, or the path of a socket"), Listen.init)
    }
}

extension MetricsSection.Listen {
    /// What others on the network could reach is refused: the figures are not protected by anything else.
    init?(_ text: String) {
        if text.hasPrefix("/") {
            guard let path = ValueForm.socketPath(text) else { return nil }
            self = .socket(path)
        } else {
            guard let endpoint = MobileSection.Endpoint(text), Self.isLoopback(endpoint.host) else { return nil }
            self = .port(endpoint)
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return host == "::1" || (parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil })
    }
}
