package import PKI
package import Primitives
internal import Synchronization

/// Where lists are fetched from: the addresses that are configured, or those that trusted certificates name.
package final class ListAddresses: Sendable {
    private let known: Mutex<[WebAddress]>
    private let followsCertificates: Bool

    /// Far more than the authorities of one hierarchy have.
    private static let most = 64

    /// Exactly these.
    package init(_ addresses: [WebAddress]) {
        known = Mutex(Array(addresses.prefix(Self.most)))
        followsCertificates = false
    }

    /// Those that the authorities of the trust store name, and those that verified certificates will.
    package init(namedBy trust: TrustStore) {
        known = Mutex([])
        followsCertificates = true
        for authority in trust.anchors + trust.intermediates { add(authority.listAddresses) }
    }

    /// Takes up what a certificate with a good chain names.
    package func note(_ certificate: VerifiedCertificate) { add(certificate.fields.listAddresses) }

    /// Addresses that earlier certificates named.
    func add(_ addresses: [WebAddress]) {
        guard followsCertificates else { return }
        known.withLock { known in
            for address in addresses where known.count < Self.most && !known.contains(address) { known.append(address) }
        }
    }

    var all: [WebAddress] { known.withLock { $0 } }
}
