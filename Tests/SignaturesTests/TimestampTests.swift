import Foundation
import OpenSSLCommand
import Primitives
import Synchronization
import TestSupport
import Testing

@testable import Signatures

/// Stamps of an authority that the `openssl` program plays.
@Suite(.timeLimit(.minutes(5)))
final class TimestampTests: Sendable {
    private let command: OpenSSLCommand
    private let clock = ManualClock()
    private static let signature = [UInt8]("a signature".utf8)

    init() throws {
        command = try OpenSSLCommand()
        for name in ["root", "other"] {
            try command.run(
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "\(name).key", "-subj",
                "/CN=\(name)", "-days", "30", "-out", "\(name).pem")
        }
        try command.run(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "tsa.key", "-subj", "/CN=tsa", "-out",
            "tsa.csr")
        try command.write("extendedKeyUsage = critical,timeStamping\n", to: "tsa.ext")
        try command.run(
            "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-days", "30", "-extfile", "tsa.ext", "-out",
            "tsa.pem")
        for digest in ["sha256", "sha512"] {
            try command.write(
                """
                [tsa]
                serial = serial
                signer_cert = tsa.pem
                signer_key = tsa.key
                signer_digest = sha256
                default_policy = 1.2.3.4.1
                digests = \(digest)
                """, to: "\(digest).cnf")
        }
    }

    deinit { command.remove() }

    private func service(
        anchors: String? = "root.pem", budget: Duration = .seconds(30), _ answer: @escaping Authority.Answer
    ) throws -> TimestampService {
        TimestampService(
            address: try #require(WebAddress("http://tsa.example/")),
            anchors: try anchors.map { try TimestampAnchors(file: command.path($0)) }, budget: budget, transport: Authority(answer),
            time: clock, random: CountingRandom())
    }

    /// What the authority answers to a question.
    private func reply(_ question: [UInt8], _ configuration: String = "sha256.cnf") throws -> [UInt8] {
        try command.write(bytes: question, to: "question")
        try command.run(
            "ts", "-reply", "-queryfile", "question", "-config", configuration, "-section", "tsa", "-out", "answer")
        return try command.bytes("answer")
    }

    private func stamp(_ service: TimestampService) async throws -> SignatureStamp {
        try #require(await service.stamps(of: [Self.signature]).first).get()
    }

    private func failure(_ service: TimestampService) async throws -> TimestampFailure? {
        guard case .failure(let failure) = try #require(await service.stamps(of: [Self.signature]).first) else { return nil }
        return failure
    }

    @Test(arguments: ["root.pem", nil])
    func openSSLAcceptsTheToken(anchors: String?) async throws {
        let stamp = try await stamp(try service(anchors: anchors) { try self.reply($0) })
        #expect(stamp.isVerified == (anchors != nil))
        #expect(abs(stamp.time.seconds - Int64(Date().timeIntervalSince1970)) < 300)
        try command.write(bytes: stamp.token, to: "token")
        try command.write(bytes: Self.signature, to: "data")
        try command.run("ts", "-verify", "-token_in", "-in", "token", "-data", "data", "-CAfile", "root.pem", "-untrusted", "tsa.pem")
    }

    @Test func stampedMessageIsStillCAdES() async throws {
        let signer = Signer()
        let document = [UInt8]("Compte rendu".utf8)
        let detached = try DetachedSignature(
            document: Signer.digest(document), mediaType: "text/plain", certificate: try signer.certificate(), time: clock.now())
        let signature = try signer.sign(detached.digest)
        let stamps = try service { try self.reply($0) }
        let token = try #require(await stamps.stamps(of: [signature]).first).get().token
        try command.write(bytes: try detached.message(signature, stamp: token), to: "message.p7s")
        try command.write(bytes: document, to: "document")
        try command.write(bytes: try signer.pem("anchors") + signer.pem("intermediates"), to: "authorities.pem")
        try command.run(
            "cms", "-verify", "-cades", "-inform", "DER", "-binary", "-in", "message.p7s", "-content", "document", "-CAfile",
            "authorities.pem", "-out", "out", "-attime", "1780315200")
        try command.run("cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", "message.p7s", "-out", "text")
        #expect(String(decoding: try command.bytes("text"), as: UTF8.self).contains("timeStampToken"))
    }

    @Test func strangersStampIsNone() async throws {
        #expect(try await failure(try service(anchors: "other.pem") { try self.reply($0) }) == .badSignature)
    }

    @Test func answerToAnotherQuestionIsNone() async throws {
        let other = try service { question in
            try self.command.write("something else", to: "else")
            try self.command.run("ts", "-query", "-data", "else", "-sha256", "-cert", "-out", "query")
            return try self.reply(try self.command.bytes("query"))
        }
        #expect(try await failure(other) == .anotherQuestion)
        // The right digest with another nonce: an answer from before, played again.
        let kept = Mutex<[UInt8]>([])
        let first = try service { question in
            let answer = try self.reply(question)
            kept.withLock { $0 = answer }
            return answer
        }
        _ = try await stamp(first)
        #expect(await first.stamps(of: [Self.signature]).first.map { (try? $0.get()) != nil } == true)
        let replayed = TimestampService(
            address: try #require(WebAddress("http://tsa.example/")), anchors: nil, budget: .seconds(30),
            transport: Authority { _ in kept.withLock { $0 } }, time: clock, random: FixedRandom())
        #expect(try await failure(replayed) == .anotherQuestion)
    }

    @Test func refusalIsNamed() async throws {
        #expect(try await failure(try service { try self.reply($0, "sha512.cnf") }) == .refused(2))
    }

    @Test(arguments: [[], [0x30], [0x30, 0x00], [UInt8](repeating: 0x41, count: 2000)] as [[UInt8]])
    func whatIsNoAnswerIsMalformed(bytes: [UInt8]) async throws {
        #expect(try await failure(try service { _ in bytes }) == .malformed)
    }

    @Test func bytesAfterTheAnswerAreMalformed() async throws {
        #expect(try await failure(try service { try self.reply($0) + [0] }) == .malformed)
    }

    @Test func slowAuthorityIsGivenUpAndNotAskedAgain() async throws {
        let asked = Atomic(0)
        let slow = TimestampService(
            address: try #require(WebAddress("http://tsa.example/")), anchors: nil, budget: .milliseconds(20),
            transport: SlowAuthority { asked.add(1, ordering: .relaxed) }, time: clock, random: CountingRandom())
        let stamps = await slow.stamps(of: [Self.signature, Self.signature, Self.signature])
        #expect(stamps == [.failure(.notAnswered(.tooSlow)), .failure(.notAnswered(.tooSlow)), .failure(.notAnswered(.tooSlow))])
        #expect(asked.load(ordering: .relaxed) == 1)
    }

    @Test func anchorsAreCertificatesInPEM() throws {
        try command.write("no certificate", to: "none.pem")
        for name in ["none.pem", "absent.pem", "root.key"] {
            #expect(throws: TimestampAnchorsError.self) { try TimestampAnchors(file: command.path(name)) }
        }
        try command.write(bytes: try command.bytes("root.pem") + command.bytes("other.pem"), to: "both.pem")
        #expect(try TimestampAnchors(file: command.path("both.pem")).certificates.count == 2)
    }
}

/// An authority within this process.
private struct Authority: TimestampTransport {
    typealias Answer = @Sendable (_ question: [UInt8]) throws -> [UInt8]

    private let answer: Answer

    init(_ answer: @escaping Answer) { self.answer = answer }

    func stamp(_ question: [UInt8], at address: WebAddress, largest: Int) async throws(FetchFailure) -> [UInt8] {
        do { return try answer(question) } catch { throw .unreachable("\(error)") }
    }
}

/// An authority that never answers.
private struct SlowAuthority: TimestampTransport {
    let asked: @Sendable () -> Void

    func stamp(_ question: [UInt8], at address: WebAddress, largest: Int) async throws(FetchFailure) -> [UInt8] {
        asked()
        try? await Task.sleep(for: .seconds(600))
        throw .tooSlow
    }
}

/// Always the same bytes, others than a counting source gives.
private struct FixedRandom: RandomSource {
    func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x77, count: count) }
}
