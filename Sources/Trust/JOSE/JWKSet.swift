package import Primitives

/// The keys that somebody publishes (RFC 7517 §5). Those that we do not understand are passed over; a private one spoils the set.
package struct JWKSet: Hashable, Sendable {
    package let keys: [PublicJWK]

    package static let sizeLimit = 65_536
    package static let countLimit = 64

    package init(_ bytes: [UInt8]) throws(JWKSetRefusal) {
        guard bytes.count <= Self.sizeLimit else { throw .tooLarge }
        guard let json = StrictJSON.object(bytes) else { throw .malformed }
        try self.init(json)
    }

    package init(_ json: JSON) throws(JWKSetRefusal) {
        guard let entries = json["keys"]?.array else { throw .malformed }
        guard entries.count <= Self.countLimit else { throw .tooLarge }
        var keys: [PublicJWK] = []
        for entry in entries {
            do throws(JWKRefusal) {
                keys.append(try PublicJWK(entry))
            } catch .privateKey {
                throw .privateKey
            } catch {
                continue
            }
        }
        self.keys = keys
    }

    package init(keys: [PublicJWK]) { self.keys = keys }

    /// The keys of that name. Without a name there must be one key alone, else there are none.
    package func keys(named kid: String?) -> [PublicJWK] {
        guard let kid else { return keys.count == 1 ? keys : [] }
        return keys.filter { $0.kid == kid }
    }
}

/// Why a set of keys is not taken.
package enum JWKSetRefusal: Error, Hashable, Sendable {
    case malformed
    case tooLarge
    case privateKey
}
