internal import Crypto
internal import NIOCore
internal import NIOSSL
package import Primitives
internal import Synchronization

/// Certificate and key of the listener, from PEM files that are read again when they change.
package final class TLSIdentity: Sendable {
    /// Why a file cannot be used.
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let path: String
        let reason: Text

        /// With the path.
        package var text: Text { reason.of(path) }

        /// In English, for logs.
        package var description: String { text.english }
    }

    /// What a look at the files found.
    package enum Change: Hashable, Sendable {
        case none
        /// They serve from now on.
        case renewed
        /// They cannot be used; those of before go on.
        case unusable(Failure)
    }

    private struct Current {
        let context: NIOSSLContext
        let pin: String
        let expiry: Timestamp
    }

    private struct Files: Hashable {
        let certificate: FileIdentity?
        let key: FileIdentity?
    }

    private struct State {
        var current: Current
        var tried: Files
        /// Told when the files are still the same at the next look: a certificate and its key are replaced one after the other.
        var untold: Failure?
    }

    private static let sizeLimit = 262_144

    private let certificate: String
    private let key: String
    private let state: Mutex<State>

    /// - Parameters:
    ///   - certificate: path of the certificate and those above it, the listener's own first.
    ///   - key: path of its private key, which nobody but the agent's user may read.
    package init(certificate: String, key: String) throws(Failure) {
        self.certificate = certificate
        self.key = key
        let files = Self.files(certificate, key)
        state = Mutex(State(current: try Self.load(certificate, key), tried: files))
    }

    /// base64url of the SHA-256 of the SubjectPublicKeyInfo of the certificate that serves now (RFC 7469 §2.4).
    package var pin: String { state.withLock { $0.current.pin } }

    /// When the certificate that serves now expires.
    package var expiry: Timestamp { state.withLock { $0.current.expiry } }

    /// For connections that begin now; those that are open keep theirs.
    var context: NIOSSLContext { state.withLock { $0.current.context } }

    /// Looks whether the files have changed, and takes them if they can be used. It reads files: call it where a thread may wait.
    package func look() -> Change {
        let files = Self.files(certificate, key)
        return state.withLock { state in
            guard files != state.tried else {
                guard let failure = state.untold else { return .none }
                state.untold = nil
                return .unusable(failure)
            }
            state.tried = files
            state.untold = nil
            do throws(Failure) {
                state.current = try Self.load(certificate, key)
                return .renewed
            } catch {
                state.untold = error
                return .none
            }
        }
    }

    private static func files(_ certificate: String, _ key: String) -> Files {
        Files(certificate: FileIdentity(path: certificate), key: FileIdentity(path: key))
    }

    private static func load(_ certificatePath: String, _ keyPath: String) throws(Failure) -> Current {
        let text = try contents(certificatePath, isSecret: false)
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(text), let own = chain.first else {
            throw Failure(
                path: certificatePath, reason: Text("il ne contient pas de certificat en PEM", "there is no certificate in PEM form in it"))
        }
        let secret = try contents(keyPath, isSecret: true)
        guard let key = try? NIOSSLPrivateKey(bytes: secret, format: .pem) else {
            throw Failure(
                path: keyPath,
                reason: Text(
                    "il ne contient pas de clé privée en PEM sans phrase de passe",
                    "there is no private key in PEM form and without a passphrase in it"))
        }
        do {
            let spki = try own.extractPublicKey().toSPKIBytes()
            return Current(
                context: try NIOSSLContext(configuration: configuration(chain, key)),
                pin: Base64URL.encode(Array(SHA256.hash(data: spki))),
                expiry: Timestamp(seconds: Int64(own.notValidAfter)))
        } catch {
            throw Failure(
                path: keyPath,
                reason: Text(
                    "ce n'est pas la clé du certificat de \(certificatePath)", "it is not the key of the certificate in \(certificatePath)")
            )
        }
    }

    private static func contents(_ path: String, isSecret: Bool) throws(Failure) -> [UInt8] {
        let isReadable: Bool
        let bytes: [UInt8]
        do throws(FileError) {
            let file = try PlainFile.reading(path)
            isReadable = isSecret ? try !file.isPrivate(orFrom: PlainFile.credentials) : false
            bytes = try file.contents(limit: sizeLimit)
        } catch {
            throw Failure(path: path, reason: error.text)
        }
        guard !isReadable else {
            throw Failure(
                path: path,
                reason: Text(
                    "il doit appartenir à l'utilisateur de l'agent, et personne d'autre ne doit pouvoir le lire",
                    "it must belong to the agent's user, and nobody else may read it"))
        }
        return bytes
    }

    /// TLS 1.2 with ephemeral keys and authenticated encryption alone, and 1.3 (RFC 9325 §4.2). A client may show a certificate; who it is
    /// says the list of servers, not a chain (RFC 8705 §2.2).
    private static func configuration(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        configuration.applicationProtocols = ["http/1.1"]
        configuration.certificateVerification = .optionalVerification
        configuration.trustRoots = .certificates([])
        configuration.shutdownTimeout = .seconds(1)
        return configuration
    }
}
