internal import OpenSSL
package import PKI
package import Primitives
internal import SwiftASN1

/// Why a signed message could not be put together.
package enum SignatureFailure: Error, Hashable, Sendable {
    /// A digest that is not 32 bytes.
    case malformedDigest
    /// The certificate, or a value of ours, could not be encoded.
    case unencodable
}

/// A CMS signature (RFC 5652) of a document that stays outside of it, in the form of CAdES-B (ETSI EN 319 122-1 §6): what the card has to
/// sign, and the message once it has.
package struct DetachedSignature: Sendable {
    /// SHA-256 of the signed attributes, for the card.
    package let digest: [UInt8]
    /// The members of the SET OF signed attributes.
    private let attributes: [UInt8]
    private let certificate: [UInt8]
    private let issuerAndSerial: [UInt8]

    /// - Parameters:
    ///   - document: SHA-256 of the document.
    ///   - mediaType: what the document is, as the signer says; it becomes part of what is signed.
    ///   - time: when it is signed, as the signer says.
    package init(
        document: [UInt8], mediaType: String, certificate: VerifiedCertificate, time: Timestamp
    ) throws(SignatureFailure) {
        guard document.count == 32 else { throw .malformedDigest }
        do {
            let names = try CertificateNames(certificate.der)
            let members = try [
                Self.attribute(ObjectIdentifier.contentType, Encoding.value(ObjectIdentifier.data)),
                Self.attribute(ObjectIdentifier.messageDigest, Encoding.octets(document)),
                Self.attribute(ObjectIdentifier.signingTime, Self.time(time)),
                Self.attribute(ObjectIdentifier.mimeType, Encoding.primitive(.utf8String, mediaType.utf8)),
                Self.attribute(
                    ObjectIdentifier.signingCertificateV2, Self.reference(certificate.fingerprint, names)),
            ]
            attributes = Encoding.sorted(members)
            self.certificate = certificate.der
            issuerAndSerial = Encoding.sequence(names.issuer, names.serial)
            digest = try sha256(Encoding.constructed(.set, attributes))
        } catch {
            throw .unencodable
        }
    }

    /// The whole message: ContentInfo with SignedData, the certificate in it.
    ///
    /// - Parameters:
    ///   - signature: PKCS#1 v1.5 over ``digest``.
    ///   - stamp: a time-stamp token on the signature, which makes it CAdES-T (ETSI EN 319 122-1 §6.3).
    package func message(_ signature: [UInt8], stamp: [UInt8]? = nil) throws(SignatureFailure) -> [UInt8] {
        do {
            let hash = try Encoding.algorithm(ObjectIdentifier.sha256, hasNull: false)
            let unsigned = try stamp.map { token in
                Encoding.constructed(Encoding.context(1), try Self.attribute(ObjectIdentifier.signatureTimeStamp, token))
            }
            let signer = Encoding.sequence(
                [0x02, 0x01, 0x01], issuerAndSerial, hash, Encoding.constructed(Encoding.context(0), attributes),
                try Encoding.algorithm(ObjectIdentifier.sha256WithRSA, hasNull: true), Encoding.octets(signature), unsigned ?? [])
            let signed = Encoding.sequence(
                [0x02, 0x01, 0x01], Encoding.constructed(.set, hash), Encoding.sequence(try Encoding.value(ObjectIdentifier.data)),
                Encoding.constructed(Encoding.context(0), certificate), Encoding.constructed(.set, signer))
            return Encoding.sequence(
                try Encoding.value(ObjectIdentifier.signedData), Encoding.constructed(Encoding.context(0), signed))
        } catch {
            throw .unencodable
        }
    }

    /// SHA-256 of what is given out, by which it can be known again.
    package static func fingerprint(of bytes: [UInt8]) throws(SignatureFailure) -> [UInt8] {
        do { return try sha256(bytes) } catch { throw .unencodable }
    }

    /// Attribute with one value (RFC 5652 §5.3).
    private static func attribute(_ type: ASN1ObjectIdentifier, _ value: [UInt8]) throws -> [UInt8] {
        Encoding.sequence(try Encoding.value(type), Encoding.constructed(.set, value))
    }

    /// SigningCertificateV2 with one ESSCertIDv2 (RFC 5035 §3, §4): SHA-256, its default, is left out.
    private static func reference(_ fingerprint: [UInt8], _ names: CertificateNames) -> [UInt8] {
        let directoryName = Encoding.constructed(Encoding.context(4), names.issuer)
        let issuerSerial = Encoding.sequence(Encoding.sequence(directoryName), names.serial)
        return Encoding.sequence(Encoding.sequence(Encoding.sequence(Encoding.octets(fingerprint), issuerSerial)))
    }

    /// UTCTime until 2049, GeneralizedTime from then on (RFC 5652 §11.3).
    private static func time(_ time: Timestamp) -> [UInt8] {
        let digits = time.description.utf8.filter { (0x30...0x39).contains($0) }.prefix(14)
        let isShort =
            digits.starts(with: Array("19".utf8)) || digits.starts(with: Array("20".utf8)) && digits.dropFirst(2).first ?? 0 < 0x35
        return Encoding.primitive(isShort ? .utcTime : .generalizedTime, digits.dropFirst(isShort ? 2 : 0) + [0x5A])
    }
}

/// Issuer and serial number of a certificate, as they stand in it.
private struct CertificateNames {
    let issuer: [UInt8]
    let serial: [UInt8]

    /// The fields of TBSCertificate before the validity (RFC 5280 §4.1).
    init(_ der: [UInt8]) throws {
        (issuer, serial) = try DER.sequence(DER.parse(der), identifier: .sequence) { certificate in
            guard let signed = certificate.next() else { throw SignatureFailure.unencodable }
            while certificate.next() != nil {}
            return try DER.sequence(signed, identifier: .sequence) { fields in
                var field = fields.next()
                if field?.identifier == Encoding.context(0) { field = fields.next() }
                guard let serial = field, serial.identifier == .integer, fields.next() != nil, let issuer = fields.next() else {
                    throw SignatureFailure.unencodable
                }
                while fields.next() != nil {}
                return (Array(issuer.encodedBytes), Array(serial.encodedBytes))
            }
        }
    }
}

extension VerifiedCertificate {
    /// Whether `signature` is one by its RSA key, PKCS#1 v1.5 (RFC 8017 §8.2), over a message with this SHA-256 digest.
    package func hasSigned(_ digest: [UInt8], _ signature: [UInt8]) -> Bool {
        (1...1024).contains(signature.count) && publicKey.isRSA
            && publicKey.verifies(signature: signature, digest: digest, .sha256)
    }
}
