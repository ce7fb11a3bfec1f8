import LoginFlow
import Primitives
import Sessions
import SmartCard
import TestSupport
import Testing
import VirtualCard

/// A card over the air: shown, made to prove itself, never asked for a PIN, never a session.
@Suite(.timeLimit(.minutes(5)))
struct ContactlessCardTests {
    private func shown(_ persona: Persona, _ agent: TestAgent, spoiled: Bool = false) async throws -> JSON {
        let card = try persona.card()
        card.setCorruptsSignatures(spoiled)
        await agent.insert(card)
        return try #require(await agent.board.views.first?.cardJSON)
    }

    @Test func aGenuineCardProvesItsTechnicalKey() async throws {
        let agent = try await TestAgent()
        let card = try await shown(Personas.shared().contactless, agent)
        #expect(card["state"] == "foreign" && card["generation"] == "cps3-contactless" && card["serial"] == "00000005")
        #expect(card["technical_key_proven"] == true && card["code"] == "card_contactless")
        #expect(card["certificate"]?["not_after"] != nil && card["holder"] == .null && card["tries_left"] == "unknown")
        #expect(try await agent.refusal { try await agent.begin() }?.code == .cardContactless)
        #expect(agent.readers.verifies == 0)
    }

    @Test(arguments: [true, false])
    func aCardThatCannotSignIsNoGenuineOne(isClone: Bool) async throws {
        let agent = try await TestAgent()
        let personas = try Personas.shared()
        let card = try await shown(isClone ? personas.clone : personas.contactless, agent, spoiled: !isClone)
        #expect(card["state"] == "foreign" && card["technical_key_proven"] == false && card["code"] == "card_unproven")
        #expect(try await agent.refusal { try await agent.begin() }?.code == .cardUnproven)
    }

    @Test func aKeyThatRefusesToSignProvesNothing() async throws {
        let agent = try await TestAgent()
        agent.readers.setForger { $0.count == 258 || $0.prefix(1) == [0x61] && $0 == [0x61, 0x00] ? [0x69, 0x85] : $0 }
        let card = try await shown(Personas.shared().contactless, agent)
        #expect(card["technical_key_proven"] != true && card["code"] != "card_contactless")
    }

    @Test func aCertificateOfNobodyProvesNothing() async throws {
        let agent = try await TestAgent()
        let card = try await shown(Personas.shared().contactlessForeign, agent)
        #expect(card["technical_key_proven"] == false && card["code"] == "certificate_untrusted" && card["state"] == "foreign")
        #expect(try await agent.refusal { try await agent.begin() }?.code == .cardContactless)
    }

    @Test func aCardByItsContactsSaysNothingOfATechnicalKey() async throws {
        let agent = try await TestAgent()
        let card = try await shown(Personas.shared().doctor, agent)
        #expect(card["technical_key_proven"] == .null && card["state"] == "ready")
    }

    @Test func dataObjectsAreShownWithoutThePIN() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let answer = try await agent.board.dataObjects(of: TestAgent.reader)
        let names = try #require(answer["objects"]?.array).first { $0["label"] == "CPS_NAME_PS" }
        let bytes = try #require(names?["content"]?.string.flatMap { Base64URL.decode($0) })
        #expect(String(decoding: bytes, as: UTF8.self).contains("LIBRE") && names?["size"] == .int(Int64(bytes.count)))
        #expect(agent.readers.verifies == 0)
        agent.readers.failNext(.cardMute)
        #expect(try await agent.refusal { _ = try await agent.board.dataObjects(of: TestAgent.reader) }?.code == .cardMute)
    }
}
