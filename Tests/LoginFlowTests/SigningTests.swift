import Audit
import LoginFlow
import OpenSSL
import PKI
import Primitives
import Sessions
import SmartCard
import TestPKI
import TestSupport
import Testing
import VirtualCard

@Suite(.timeLimit(.minutes(5)))
struct SigningTests {
    private static let letter = Array("Compte rendu".utf8)

    private static func hash(_ bytes: [UInt8]) throws -> (algorithm: String, value: String) { ("sha256", Hex.encode(try sha256(bytes))) }

    private static func batch(_ count: Int = 1, formats: [SignatureRequest.Format] = [.raw]) throws -> SignatureRequest {
        let hash = try hash(letter)
        return try SignatureRequest(
            items: (0..<count).map { try .init(name: "letter-\($0).txt", mediaType: "text/plain", hash: hash) }, formats: formats)
    }

    private static func ready(
        _ persona: Persona? = nil, tries: Int = 3, trust: (any TrustCheck)? = nil
    ) async throws -> (agent: TestAgent, card: VirtualCard, insertion: Insertion, session: Session) {
        let agent = try await TestAgent(trust: trust)
        let card = try (persona ?? Personas.shared().doctor).card()
        let insertion = await agent.insert(card)
        let session = try await agent.logIn().session
        if tries < 3 { card.setTriesLeft(tries) }
        return (agent, card, insertion, session)
    }

    private static func begin(
        _ agent: TestAgent, _ session: Session, _ batch: SignatureRequest? = nil, by caller: Caller = .user
    ) async throws -> JSON {
        try await agent.desk.beginSignature(try batch ?? Self.batch(), session: session.id, by: caller)
    }

    private static func sign(
        _ agent: TestAgent, _ session: Session, _ begun: JSON, pin: String = TestAgent.pin, consent: String? = nil,
        by caller: Caller = .user
    ) async throws -> JSON {
        try await agent.desk.sign(
            Secret(text: pin), signature: begun["id"]?.string ?? "", session: session.id, acceptLastTry: consent, by: caller)
    }

    private static func value(_ answer: JSON, _ item: Int, _ format: Int = 0) -> [UInt8] {
        answer["items"]?.array?[item]["signatures"]?.array?[format]["value"]?.string.flatMap { StandardBase64.decode($0) } ?? []
    }

    // MARK: What is signed

    @Test func onePINSignsTheListedBatch() async throws {
        let (agent, card, _, session) = try await Self.ready()
        let begun = try await Self.begin(agent, session, Self.batch(2, formats: [.raw, .cms]))
        #expect(begun["state"] == "awaiting_pin" && begun["awaits"]?.array == ["pin"] && begun["tries_left"] == 3)
        #expect(begun["signed_at"] == .null && begun["items"]?.array?[1]["name"] == "letter-1.txt")
        #expect(agent.readers.verifies == 1)
        let done = try await Self.sign(agent, session, begun)
        #expect(done["state"] == "done" && done["awaits"]?.array == [] && done["signed_at"]?.string == agent.clock.now().description)
        let certificate = try #require(done["certificate"]?.string.flatMap { StandardBase64.decode($0) })
        #expect(certificate == (try Personas.shared().doctor.signatureCertificate))
        let key = try Certificate(der: certificate).publicKey()
        for item in 0..<2 {
            #expect(key.verifiesSHA256(signature: Self.value(done, item), over: Self.letter))
            #expect(Self.value(done, item, 1).starts(with: [0x30, 0x82]))
        }
        #expect(agent.readers.verifies == 2 && card.description.pin.triesLeft == 3)
        #expect(try await agent.refusal { try await Self.sign(agent, session, begun) }?.code == .loginState)
        #expect(agent.readers.verifies == 2)
    }

    @Test func tracesNameEachItemAndNoContent() async throws {
        let (agent, _, _, session) = try await Self.ready()
        let begun = try await Self.begin(agent, session, Self.batch(2))
        let done = try await Self.sign(agent, session, begun)
        #expect(agent.ledger.events.suffix(2) == [.signatureRequested, .signatureMade])
        let (requested, made) = (agent.ledger.traces[agent.ledger.traces.count - 2], try #require(agent.ledger.traces.last))
        for trace in [requested, made] {
            #expect(trace.session == session.id && trace.client?["name"] == "records" && trace.actor?["national_id"] != nil)
            #expect(trace.detail?["signature"] == begun["id"] && trace.detail?["formats"]?.array == ["raw"])
            let items = try #require(trace.detail?["items"]?.array)
            let expected: JSON = [
                "name": "letter-0.txt", "media_type": "text/plain", "sha256": .string(try Self.hash(Self.letter).value),
            ]
            #expect(items.count == 2 && items[0] == expected)
            #expect(trace.detail?["revocation"]?["status"] == "good")
        }
        #expect(requested.outcome == .info && made.outcome == .granted)
        let signatures = try #require(made.detail?["signatures"]?.array)
        #expect(signatures.count == 2 && signatures[1]["item"] == 1 && signatures[1]["format"] == "raw")
        #expect(signatures[0]["sha256"]?.string == Hex.encode(try sha256(Self.value(done, 0))))
        #expect(!agent.ledger.written.contains("Compte rendu"))
    }

    @Test func documentsAreAwaitedBeforeThePIN() async throws {
        let (agent, _, _, session) = try await Self.ready()
        let batch = try SignatureRequest(
            items: [
                .init(name: "a", mediaType: "text/plain", hash: nil),
                .init(name: "b", mediaType: "text/plain", hash: try Self.hash(Self.letter)),
            ], formats: [.raw])
        let begun = try await Self.begin(agent, session, batch)
        let id = try #require(begun["id"]?.string)
        #expect(begun["awaits"]?.array == ["documents/0", "pin"] && begun["items"]?.array?[0]["hash"] == .null)
        #expect(
            try await agent.refusal { try await Self.sign(agent, session, begun) }
                == Refusal(.documentMissing, ["awaits": ["documents/0"]]))
        #expect(agent.readers.verifies == 1)
        let document = DocumentDigest(sha256: try sha256([1, 2, 3]), size: 3)
        func give(_ item: String, by caller: Caller = .user) async throws -> JSON {
            try await agent.desk.expectDocument(item, of: id, session: session.id, by: caller)
            return try await agent.desk.give(document, item: item, of: id, session: session.id, by: caller)
        }
        for item in ["2", "-1", "+0", "00", "x", ""] { #expect(try await agent.refusal { try await give(item) }?.code == .notFound) }
        #expect(try await agent.refusal { try await give("1") }?.code == .loginState)
        #expect(try await agent.refusal { try await give("0", by: .other) }?.code == .loginNotFound)
        #expect(try await give("0")["awaits"]?.array == ["pin"])
        #expect(try await agent.refusal { try await give("0") }?.code == .loginState)
        let done = try await Self.sign(agent, session, begun)
        let key = try Certificate(der: Personas.shared().doctor.signatureCertificate).publicKey()
        #expect(key.verifiesSHA256(signature: Self.value(done, 0), over: [1, 2, 3]))
        #expect(agent.ledger.traces(of: .signatureRequested).first?.detail?["items"]?.array?[0]["sha256"] == nil)
        let made = agent.ledger.traces(of: .signatureMade).first?.detail?["items"]?.array?[0]
        let digest = try sha256([1, 2, 3])
        #expect(made?["size"] == 3 && made?["sha256"]?.string == Hex.encode(digest))
    }

    /// A card that wants its PIN for each signature and does not say so.
    @Test func aDemandingCardSignsTheBatchToo() async throws {
        let doctor = try Personas.shared().doctor
        let seed = try #require((0..<500).first { doctor.varied($0).differs("signaturesPerPIN: Optional(1)", "tellsUserConsent: false") })
        let (agent, card, _, session) = try await Self.ready(doctor.varied(seed))
        let done = try await Self.sign(agent, session, try await Self.begin(agent, session, Self.batch(3)))
        #expect(done["state"] == "done" && agent.readers.verifies == 4 && card.description.pin.triesLeft == 3)
    }

    @Test func signaturesAreKeptForTheMinuteOfTheBatch() async throws {
        let (agent, _, _, session) = try await Self.ready()
        let begun = try await Self.begin(agent, session)
        let done = try await Self.sign(agent, session, begun)
        let id = try #require(begun["id"]?.string)
        #expect(try await agent.desk.signature(id, session: session.id, for: .user) == done)
        #expect(try await agent.refusal { try await agent.desk.signature(id, session: session.id, for: .other) }?.code == .loginNotFound)
        #expect(try await agent.refusal { try await agent.desk.signature(id, session: "other", for: .user) }?.code == .loginNotFound)
        #expect(try await agent.refusal { try await agent.desk.login(id, for: .user) }?.code == .loginNotFound)
        agent.clock.advance(seconds: 60)
        let later = try await agent.desk.signature(id, session: session.id, for: .user)
        #expect(later["state"] == "done" && later["items"]?.array?[0]["signatures"]?.array == [])
    }

    // MARK: The PIN

    @Test func wrongPINCostsOneTryAndMayBeGivenAgain() async throws {
        let (agent, card, _, session) = try await Self.ready()
        let begun = try await Self.begin(agent, session, Self.batch(3))
        #expect(
            try await agent.refusal { try await Self.sign(agent, session, begun, pin: "0000") } == Refusal(.pinWrong, ["tries_left": 2]))
        #expect(card.description.pin.triesLeft == 2 && agent.readers.verifies == 2)
        let refused = try #require(agent.ledger.traces(of: .pinRefused).last)
        #expect(refused.code == "pin_wrong" && refused.session == session.id && refused.detail?["operation"] == "sign")
        #expect(try await Self.sign(agent, session, begun)["state"] == "done")
    }

    @Test func lastTryNeedsConsentAndThenBlocks() async throws {
        let (agent, card, _, session) = try await Self.ready(tries: 1)
        let begun = try await Self.begin(agent, session)
        #expect(begun["tries_left"] == 1 && begun["last_try_consent"]?.string != nil)
        let refusal = try #require(try await agent.refusal { try await Self.sign(agent, session, begun, consent: "yes") })
        #expect(refusal.code == .lastTryConsentRequired && agent.readers.verifies == 1)
        let consent = refusal.members["last_try_consent"]?.string
        #expect(try await agent.refusal { try await Self.sign(agent, session, begun, pin: "0000", consent: consent) }?.code == .pinBlocked)
        #expect(card.description.pin.triesLeft == 0)
        #expect(try await agent.refusal { try await Self.sign(agent, session, begun) }?.code == .pinBlocked)
        #expect(try await agent.refusal { try await Self.begin(agent, session) }?.code == .pinBlocked)
        #expect(agent.readers.verifies == 2)
        #expect(agent.ledger.traces(of: .pinBlocked).count == 1 && agent.ledger.traces(of: .signatureRefused).count == 1)
    }

    @Test(arguments: ["", "12a4", "123456789"])
    func whatCannotBeThePINReachesNoCard(pin: String) async throws {
        let (agent, _, _, session) = try await Self.ready()
        let begun = try await Self.begin(agent, session)
        #expect(try await agent.refusal { try await Self.sign(agent, session, begun, pin: pin) }?.code == .pinFormat)
        #expect(agent.readers.verifies == 1)
        #expect(try await Self.sign(agent, session, begun)["state"] == "done")
    }

    // MARK: Session and caller

    @Test func lockedSessionSignsNothing() async throws {
        let (agent, _, _, session) = try await Self.ready()
        let begun = try await Self.begin(agent, session)
        _ = try await agent.registry.lock(session.id, by: .user)
        #expect(try await agent.refusal { try await Self.begin(agent, session) }?.code == .sessionLocked)
        #expect(try await agent.refusal { try await Self.sign(agent, session, begun) }?.code == .sessionLocked)
        #expect(agent.readers.verifies == 1)
        #expect(agent.ledger.traces(of: .signatureRefused).map(\.code) == ["session_locked"])
        // The batch that waits is no obstacle, and no help, to unlocking.
        _ = try await agent.desk.unlock(session.id, pin: Secret(text: TestAgent.pin), acceptLastTry: nil, by: .user)
        #expect(agent.ledger.traces(of: .signatureCancelled).count == 1)
        #expect(try await agent.refusal { try await Self.sign(agent, session, begun) }?.code == .loginState)
    }

    @Test func endedSessionSignsNothing() async throws {
        let (agent, _, _, session) = try await Self.ready()
        let begun = try await Self.begin(agent, session)
        await agent.registry.end([session.id], .logout, by: .user)
        let ended = Refusal(.sessionEnded, ["end_reason": "logout"])
        #expect(try await agent.refusal { try await Self.sign(agent, session, begun) } == ended)
        #expect(try await agent.refusal { try await Self.begin(agent, session) } == ended)
        #expect(agent.readers.verifies == 1)
    }

    @Test func sessionOfAnotherUserIsNotFound() async throws {
        let (agent, _, _, session) = try await Self.ready()
        #expect(try await agent.refusal { try await Self.begin(agent, session, by: .other) }?.code == .sessionNotFound)
        let begun = try await Self.begin(agent, session)
        #expect(try await agent.refusal { try await Self.sign(agent, session, begun, by: .other) }?.code == .loginNotFound)
        #expect(agent.readers.verifies == 1)
        #expect(agent.ledger.traces(of: .signatureRefused).map(\.code) == ["session_not_found"])
    }

    @Test func programWithoutTheOperationSignsNothing() async throws {
        let (agent, _, _, session) = try await Self.ready()
        let narrow = Caller(uid: 1000, gid: 1000, pid: 7, client: Client(name: "narrow", operations: [.login, .pin, .token]))
        let denied = Refusal(.operationDenied, ["operation": "sign", "client": "narrow"])
        #expect(try await agent.refusal { try await Self.begin(agent, session, by: narrow) } == denied)
        let begun = try await Self.begin(agent, session)
        #expect(try await agent.refusal { try await Self.sign(agent, session, begun, by: narrow) } == denied)
        #expect(agent.readers.verifies == 1)
        #expect(agent.ledger.traces(of: .signatureRefused).map(\.code) == ["operation_denied"])
    }

    @Test func sessionWithoutACardSignsNothing() async throws {
        let (agent, _, _, session) = try await Self.ready()
        let degraded = Session(
            id: "degraded", state: .active, entry: .degraded(Sample.degraded), uid: 1000, resumes: nil,
            holder: session.holder, scopes: [], acr: session.acr, amr: ["pwd"],
            openedAt: session.openedAt, expiresAt: session.expiresAt)
        _ = try await agent.registry.open(degraded, traces: [], by: .user, token: nil)
        #expect(try await agent.refusal { try await Self.begin(agent, degraded) }?.code == .cardSessionRequired)
    }

    @Test func readerServesSignaturesAndLoginsByTurns() async throws {
        let (agent, _, _, session) = try await Self.ready()
        let begun = try await Self.begin(agent, session)
        #expect(try await agent.refusal { try await agent.begin(.other) }?.code == .loginBusy)
        #expect(await agent.desk.open(for: .root).isEmpty)
        let again = try await Self.begin(agent, session)
        #expect(try await agent.refusal { try await Self.sign(agent, session, begun) }?.code == .loginState)
        let id = try #require(again["id"]?.string)
        #expect(
            try await agent.refusal { try await agent.desk.cancelSignature(id, session: session.id, by: .other) }?.code == .loginNotFound)
        try await agent.desk.cancelSignature(id, session: session.id, by: .user)
        #expect(agent.ledger.traces(of: .signatureCancelled).count == 2)
        _ = try await agent.begin(.other)
    }

    @Test func minuteEndsABatch() async throws {
        let (agent, _, _, session) = try await Self.ready()
        let begun = try await Self.begin(agent, session)
        agent.clock.advance(seconds: 60)
        #expect(try await agent.refusal { try await Self.sign(agent, session, begun) }?.code == .loginExpired)
        #expect(agent.readers.verifies == 1)
        #expect(agent.ledger.traces(of: .signatureExpired).map(\.code) == ["login_expired"])
    }

    // MARK: The certificate

    @Test(
        arguments: [
            (.expired, .certificateExpired), (.notYetValid, .certificateNotYetValid), (.wrongUsage, .certificateWrongUsage),
            (.wrongIssuer, .certificateUntrusted), (.foreign, .certificateUntrusted),
        ] as [(CertificateKind, ErrorCode)])
    func untrustedSignatureCertificateIsRefusedBeforeThePIN(kind: CertificateKind, code: ErrorCode) async throws {
        let personas = try Personas.shared()
        let wrong: Persona = try #require(personas.refused[kind])
        let (agent, _, _, session) = try await Self.ready(personas.doctor.signing(with: wrong))
        #expect(try await agent.refusal { try await Self.begin(agent, session) }?.code == code)
        let trace = try #require(agent.ledger.traces(of: .signatureRefused).first)
        #expect(trace.code == code.rawValue && trace.detail?["items"]?.array?.count == 1 && trace.session == session.id)
        #expect(agent.readers.verifies == 1 && agent.ledger.traces(of: .signatureRequested).isEmpty)
    }

    @Test func certificateOfAnotherPersonIsRefused() async throws {
        let personas = try Personas.shared()
        let (agent, _, _, session) = try await Self.ready(personas.doctor.signing(with: personas.nurse))
        let refusal = try #require(try await agent.refusal { try await Self.begin(agent, session) })
        #expect(refusal.code == .certificateUntrusted && refusal.members["detail"]?.string?.contains("another person") == true)
    }

    @Test func cardWithoutSignatureKeySignsNothing() async throws {
        let (agent, _, _, session) = try await Self.ready(try Personas.shared().doctor.signing(with: nil))
        #expect(try await agent.refusal { try await Self.begin(agent, session) }?.code == .signatureKeyMissing)
        #expect(agent.ledger.traces(of: .signatureRefused).map(\.code) == ["signature_key_missing"])
    }

    @Test func revokedSignatureCertificateIsRefusedAndAnUncheckedOneFlagged() async throws {
        let since = ManualClock.noon
        let (agent, _, _, session) = try await Self.ready(trust: try SignatureTrust(.failure(.revoked(since: since))))
        #expect(
            try await agent.refusal { try await Self.begin(agent, session) }
                == Refusal(.certificateRevoked, ["revoked_at": .string(since.description)]))
        let unchecked = Session.Revocation(status: .unchecked, source: nil, asOf: nil)
        let (other, _, _, flagged) = try await Self.ready(trust: try SignatureTrust(.success(unchecked)))
        let done = try await Self.sign(other, flagged, try await Self.begin(other, flagged))
        #expect(done["revocation"]?["status"] == "unchecked" && done["state"] == "done")
        #expect(other.ledger.traces(of: .signatureMade).first?.detail?["revocation"]?["status"] == "unchecked")
    }

    // MARK: What breaks

    @Test(arguments: [0x20, 0x22, 0x2A] as [UInt8])
    func cardThatLeavesInTheMiddleSignsNothing(instruction: UInt8) async throws {
        let (agent, card, insertion, session) = try await Self.ready()
        let begun = try await Self.begin(agent, session, Self.batch(3))
        agent.readers.setHook { command in command.count > 5 && command[1] == instruction ? .cardRemoved : nil }
        #expect(try await agent.refusal { try await Self.sign(agent, session, begun) }?.code == .cardRemoved)
        agent.readers.setHook(nil)
        let failed = try #require(agent.ledger.traces(of: .signatureFailed).first)
        #expect(failed.code == "card_removed" && failed.detail?["items"]?.array?.count == 3)
        #expect(card.description.pin.triesLeft == 3 && agent.ledger.traces(of: .signatureMade).isEmpty)
        await agent.eject(insertion)
        #expect(try await agent.refusal { try await Self.begin(agent, session) }?.code == .sessionEnded)
    }

    @Test func cardThatLeftBeforeThePINEndsTheBatch() async throws {
        let (agent, card, insertion, session) = try await Self.ready()
        let begun = try await Self.begin(agent, session)
        await agent.eject(insertion)
        await agent.insert(card)
        let refusal = try await agent.refusal { try await Self.sign(agent, session, begun) }
        #expect(refusal?.code == .sessionEnded && agent.readers.verifies == 1)
        #expect(agent.ledger.traces(of: .signatureFailed).map(\.code) == ["card_removed"])
    }

    @Test func wrongSignatureIsNotGivenOut() async throws {
        let (agent, _, _, session) = try await Self.ready()
        let begun = try await Self.begin(agent, session)
        agent.readers.setForger { answer in answer.count > 200 ? [answer[0] ^ 0x01] + answer.dropFirst() : answer }
        #expect(try await agent.refusal { try await Self.sign(agent, session, begun) }?.code == .proofInvalid)
        #expect(agent.ledger.traces(of: .signatureFailed).map(\.code) == ["proof_invalid"])
        #expect(agent.ledger.traces(of: .signatureMade).isEmpty)
    }

    @Test func withoutTheLogNothingIsSignedOrGivenOut() async throws {
        let (agent, _, _, session) = try await Self.ready()
        agent.ledger.setFails(true)
        #expect(try await agent.refusal { try await Self.begin(agent, session) }?.code == .traceUnavailable)
        agent.ledger.setFails(false)
        let begun = try await Self.begin(agent, session)
        agent.ledger.setFails(true)
        #expect(try await agent.refusal { try await Self.sign(agent, session, begun) }?.code == .traceUnavailable)
        agent.ledger.setFails(false)
        let after = try await agent.desk.signature(begun["id"]?.string ?? "", session: session.id, for: .user)
        #expect(after["state"] == "failed" && after["items"]?.array?[0]["signatures"]?.array == [])
    }

    @Test func aFullBatchFitsIntoATrace() async throws {
        let (agent, _, _, session) = try await Self.ready()
        let type = "\(String(repeating: "a", count: 127))/\(String(repeating: "b", count: 127))"
        let batch = try SignatureRequest(
            items: (0..<32).map { _ in
                try .init(name: String(repeating: "\"", count: 200), mediaType: type, hash: try Self.hash(Self.letter))
            }, formats: [.cms])
        _ = try await Self.sign(agent, session, try await Self.begin(agent, session, batch))
        let made = try #require(agent.ledger.traces(of: .signatureMade).first)
        #expect(made.leaf(seq: 1 << 50, salt: [UInt8](repeating: 1, count: 16), workstation: "ws-042").count < TraceDraft.byteLimit)
    }
}

/// Anchors as they are, and of signature certificates what a test says.
private struct SignatureTrust: TrustCheck {
    private let fresh: FreshCheck
    private let verdict: Result<Session.Revocation, CertificateRefusal>

    init(_ verdict: Result<Session.Revocation, CertificateRefusal>) throws {
        fresh = FreshCheck(try Personas.shared().trust)
        self.verdict = verdict
    }

    func check(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation) {
        try fresh.check(certificate, at: time)
    }

    func checkSignature(
        _ certificate: [UInt8], at time: Timestamp
    ) async throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation) {
        (try await fresh.checkSignature(certificate, at: time).0, try verdict.get())
    }

    func checkTechnical(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> VerifiedCertificate {
        try fresh.checkTechnical(certificate, at: time)
    }
}
