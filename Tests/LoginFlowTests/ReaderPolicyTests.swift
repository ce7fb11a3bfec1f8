import Audit
import LoginFlow
import Primitives
import Sessions
import SmartCard
import TestSupport
import Testing
import VirtualCard

struct ReaderPolicyTests {
    private static let production = ReaderPolicy(isProduction: true, allowed: ["Other 00 00"])

    private func state(_ kind: ReaderKind, _ name: String = "Reader 00 00") -> ReaderState {
        ReaderState(name: name, kind: kind, presence: .absent)
    }

    @Test(arguments: [
        (ReaderKind.usb, true), (.serial, true), (.unknown, true), (.virtual, false), (.network, false),
    ])
    func productionTakesNoVirtualOrNetworkReader(kind: ReaderKind, isAllowed: Bool) {
        #expect(Self.production.allows(state(kind)) == isAllowed)
        #expect(Self.production.allows(state(kind, "Other 00 00")))
        #expect(ReaderPolicy.all.allows(state(kind)))
        #expect(ReaderPolicy(isProduction: false, allowed: []).allows(state(kind)))
    }

    @Test(.timeLimit(.minutes(5)), arguments: [nil, TestAgent.reader])
    func aLoginOnSuchAReaderIsRefusedAndTraced(named: String?) async throws {
        let agent = try await TestAgent(policy: Self.production)
        let card = try Personas.shared().doctor.card()
        await agent.insert(card)
        let refusal = try await agent.refusal { try await agent.begin(reader: named) }
        #expect(refusal?.code == .readerNotAllowed && refusal?.members["reader"] == .string(TestAgent.reader))
        #expect(agent.ledger.traces.last?.code == "reader_not_allowed")
        #expect(card.description.pin.triesLeft == 3)
        let view = try await agent.board.view(of: TestAgent.reader)
        let warning = try #require(view.warning)
        #expect(view.json["allowed"] == false && warning.english.contains(TestAgent.reader) && warning.french.contains(TestAgent.reader))
        #expect(warning.english.contains("refused") && warning.french.contains("refusé"))
    }

    @Test(.timeLimit(.minutes(5))) func aNamedReaderIsTaken() async throws {
        let agent = try await TestAgent(policy: ReaderPolicy(isProduction: true, allowed: [TestAgent.reader]))
        await agent.insert(try Personas.shared().doctor.card())
        _ = try await agent.logIn()
        let view = try await agent.board.view(of: TestAgent.reader)
        #expect(view.json["allowed"] == true && view.warning == nil)
    }

    /// Whoever names no reader gets one that may be used.
    @Test(.timeLimit(.minutes(5))) func anAllowedReaderIsPreferred() async throws {
        let agent = try await TestAgent(policy: Self.production)
        agent.readers.plug("Other 00 00")
        await agent.insert(try Personas.shared().doctor.card())
        await agent.insert(try Personas.shared().doctor.card(), in: "Other 00 00")
        #expect(try await agent.logIn().session.presence?.place.reader == "Other 00 00")
    }

    @Test func idsOfReadersAreNeverShared() {
        let names = ["Reader A-B 00 00", "Reader A B 00 00", "READER A B 00 00", "Reader A B 01 00", "Lecteur é", "Lecteur è"]
        let ids = ReaderView.ids(names)
        #expect(Set(ids.values).count == names.count)
        #expect(ids["Reader A B 01 00"] == "reader-a-b-01-00")
        #expect(ReaderView.ids(["Reader A B 00 00"]) == ["Reader A B 00 00": "reader-a-b-00-00"])
        #expect(ids.values.allSatisfy { $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") } })
        #expect(ReaderView.ids(names.reversed()) == ids)
    }
}
