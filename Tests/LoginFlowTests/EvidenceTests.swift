import Audit
import Foundation
import LoginFlow
import OpenSSL
import PKI
import Primitives
import Sessions
import SmartCard
import TestSupport
import Testing
import Tokens
import VirtualCard

@Suite(.timeLimit(.minutes(5)))
struct EvidenceTests {
    /// Promise P11: the certificate alone is enough to check the signature.
    @Test func evidenceVerifiesWithTheCertificateAlone() async throws {
        let agent = try await TestAgent()
        let doctor = try Personas.shared().doctor
        let insertion = await agent.insert(try doctor.card())
        let login = try await agent.begin()
        let head = await agent.ledger.head()
        let session = try await agent.enter(login: login).session
        let trace = try #require(agent.ledger.traces(of: .pinVerified).first)
        #expect(trace.session == session.id)
        let evidence = try #require(trace.evidence)
        let certificate = try #require(evidence["certificate"]?.string.flatMap { Base64URL.decode($0) })
        let signature = try #require(evidence["signature"]?.string.flatMap { Base64URL.decode($0) })
        let challenge = try #require(evidence["challenge"]?.string)
        #expect(certificate == doctor.certificate)
        let key = try Certificate(der: certificate).publicKey()
        #expect(key.verifiesSHA256(signature: signature, over: Array(challenge.utf8)))
        #expect(!key.verifiesSHA256(signature: signature, over: Array(challenge.utf8) + [0x20]))

        let statement = try JSONDecoder().decode(JSON.self, from: Data(challenge.utf8))
        #expect(statement["purpose"]?.string == "cps-agent/login/v1")
        #expect(statement["issuer"]?.string == TestAgent.issuer)
        #expect(statement["token_key"]?.string == agent.signer.currentKeyID)
        #expect(statement["insertion"]?.string == insertion.id)
        #expect(statement["time"]?.string == agent.clock.now().description)
        #expect(statement["caller"] == ["uid": 1000, "gid": 1000, "pid": 42])
        #expect(statement["log"]?["size"]?.int == Int64(head.size))
        #expect(statement["log"]?["root"]?.string == Base64URL.encode(head.root))
    }

    @Test func twoLoginsNeverSignTheSameStatement() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        try await agent.logIn()
        try await agent.logIn()
        let statements = agent.ledger.traces(of: .pinVerified).compactMap { $0.evidence?["challenge"]?.string }
        #expect(Set(statements).count == 2)
    }

    @Test func signatureThatIsNotTheCardsProvesNothing() async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        await agent.insert(card)
        card.setCorruptsSignatures(true)
        let login = try await agent.begin()
        #expect(try await agent.refusal { try await agent.enter(login: login) }?.code == .proofInvalid)
        #expect(await agent.registry.sessions(for: .user).isEmpty)
        // The card took the PIN: that is traced, without evidence, beside the failure.
        #expect(agent.ledger.commits.last?.drafts.map(\.event) == [.pinVerified, .loginFailed])
        #expect(agent.ledger.traces.last?.code == "proof_invalid")
        card.setCorruptsSignatures(false)
        try await agent.logIn()
    }

    /// Promise P4. The PIN has digits that no id, time or number of this test has.
    @Test func pinIsNeitherWrittenNorTold() async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        await agent.insert(card)
        let (right, wrong) = ("1234", "97531864")
        let before = agent.hub.subscribe(uid: 0, after: nil).position
        let login = try await agent.begin(audience: TestAgent.audience)
        let refusal = try #require(try await agent.refusal { try await agent.enter(wrong, login: login) })
        let malformed = try #require(try await agent.refusal { try await agent.enter("9753186A", login: login) })
        let opened = try await agent.enter(right, login: login)
        let events = try #require(agent.hub.subscribe(uid: 0, after: before).replay).map(\.event.data)
        let answers = [JSON.object(refusal.members), .object(malformed.members), try await agent.desk.login(login, for: .user)]
        let told = (events + answers + [opened.session.json]).map { String(decoding: $0.canonical, as: UTF8.self) }
        let all = ([agent.ledger.written] + told + agent.reports.all).joined(separator: "\n")
        for form in [wrong, "9753186A", Base64URL.encode(Array(wrong.utf8)), Hex.encode(Array(wrong.utf8)), "\"1234\""] {
            #expect(!all.contains(form))
        }
        #expect(!all.contains(Hex.encode(Array(right.utf8) + [0xFF, 0xFF, 0xFF, 0xFF])))
    }
}
