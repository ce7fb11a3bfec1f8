import OpenSSL
import OpenSSLCommand
import PKI
import Primitives
import Signatures
import TestPKI
import TestSupport
import Testing

/// Signed messages, as the `openssl` program judges them.
struct DetachedSignatureTests {
    private static let document = "Compte rendu d'hospitalisation\n"
    private static let time = ManualClock.noon

    private let signer = Signer()

    private func files(_ message: [UInt8], over document: String = document) throws -> OpenSSLCommand {
        let command = try OpenSSLCommand()
        try command.write(bytes: message, to: "message.p7s")
        try command.write(document, to: "document")
        try command.write(bytes: try signer.pem("anchors") + signer.pem("intermediates"), to: "authorities.pem")
        return command
    }

    private func verify(_ command: OpenSSLCommand) throws {
        try command.run(
            "cms", "-verify", "-cades", "-inform", "DER", "-binary", "-in", "message.p7s", "-content", "document", "-CAfile",
            "authorities.pem", "-out", "out", "-attime", "1780315200")
    }

    private func message(_ document: String = document, time: Timestamp = time) throws -> [UInt8] {
        let signature = try DetachedSignature(
            document: try sha256(Array(document.utf8)), mediaType: "text/plain", certificate: try signer.certificate(), time: time)
        return try signature.message(try signer.sign(signature.digest))
    }

    @Test func openSSLAcceptsItAsCAdES() throws {
        let command = try files(try message())
        defer { command.remove() }
        try verify(command)
        #expect(try command.bytes("out") == Array(Self.document.utf8))
    }

    @Test func anotherDocumentIsNotTheSignedOne() throws {
        let command = try files(try message(), over: Self.document + " ")
        defer { command.remove() }
        #expect(throws: OpenSSLCommand.Failed.self) { try verify(command) }
    }

    @Test func eachByteOfItCounts() throws {
        let whole = try message()
        // Inside the signed attributes and inside the signature, near the end of the message.
        for place in [whole.count - 1, whole.count - 200, whole.count - 300, whole.count - 400] {
            var damaged = whole
            damaged[place] ^= 0x01
            let command = try files(damaged)
            defer { command.remove() }
            #expect(throws: OpenSSLCommand.Failed.self) { try verify(command) }
        }
    }

    @Test(arguments: [(2_524_607_999, "491231235959Z"), (2_524_608_000, "20500101000000Z")] as [(Int64, String)])
    func timesAreWrittenAsTheStandardWants(seconds: Int64, text: String) throws {
        let whole = try message(time: Timestamp(seconds: seconds))
        #expect(String(decoding: whole, as: UTF8.self).contains(text))
    }

    @Test func attributesAreThoseOfCAdESB() throws {
        let command = try files(try message())
        defer { command.remove() }
        try command.run("cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", "message.p7s", "-out", "text")
        let text = String(decoding: try command.bytes("text"), as: UTF8.self)
        for name in ["contentType", "messageDigest", "signingTime", "signingCertificateV2", "0.4.0.1733.2.1", "sha256WithRSAEncryption"] {
            #expect(text.contains(name), "\(name)")
        }
    }

    @Test(arguments: [0, 20, 31, 33, 64])
    func onlySHA256IsADigest(count: Int) throws {
        #expect(throws: SignatureFailure.malformedDigest) {
            try DetachedSignature(
                document: [UInt8](repeating: 1, count: count), mediaType: "text/plain", certificate: try signer.certificate(),
                time: Self.time)
        }
    }

    @Test func onlyTheKeyOfTheCertificateHasSigned() throws {
        let (certificate, digest) = (try signer.certificate(), try sha256([1, 2, 3]))
        let signature = try signer.sign(digest)
        #expect(certificate.hasSigned(digest, signature))
        #expect(!certificate.hasSigned(try sha256([1, 2]), signature))
        #expect(!certificate.hasSigned(digest, signature.dropLast() + [signature[255] ^ 1]))
        #expect(!certificate.hasSigned(digest, []))
    }
}
