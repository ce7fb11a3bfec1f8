import APIContract
import Primitives
import ScriptedAgent
import Testing

@Suite(.timeLimit(.minutes(5)))
struct DoctorTests {
    private func examine(
        monitoring: String = "running", readers: [JSON] = [Sample.reader("ready")], card: JSON = Sample.card("ready"),
        environment: String = "production", revocation: String = "good", warnings: [JSON] = []
    ) throws -> Run {
        try Run("doctor --json", time: FixedTime()) { request in
            guard request.line == "GET /v1/status" else { return .json(card) }
            return .json([
                "version": "1", "monitoring": .string(monitoring), "readers": .array(readers), "environment": .string(environment),
                "revocation": ["status": .string(revocation)], "warnings": .array(warnings),
            ])
        }
    }

    /// The checks that need attention.
    private func attention(_ run: Run) -> [String] {
        (run.console.document?["checks"]?.array ?? []).filter { $0["ok"] == false && $0["remedy"]?.string?.isEmpty == false }
            .compactMap { $0["check"]?.string }
    }

    @Test func soundWorkstationIsHealthy() throws {
        let run = try examine()
        #expect(run.exit == 0)
        #expect(run.console.document?["healthy"] == true)
        #expect(attention(run).isEmpty)
        #expect(
            run.console.document?["checks"]?.array?.compactMap { $0["check"]?.string } == [
                "agent", "pcsc", "readers", "card", "trust", "revocation", "disk", "clock",
            ])
    }

    @Test func agentThatIsNotThereIsTheFirstThingToRepair() throws {
        let run = try Run("--socket /nonexistent/s doctor --json")
        #expect(run.exit == 3)
        #expect(run.console.document?["healthy"] == false)
        #expect(attention(run) == ["agent", "pcsc"])
    }

    @Test(arguments: [("service_down", Int32(4), "pcsc_unavailable"), ("not_authorised", 4, "pcsc_not_authorised")])
    func smartCardServiceIsLookedAt(_ state: String, _ exit: Int32, _ code: String) throws {
        let run = try examine(monitoring: state)
        #expect(run.exit == exit)
        #expect(attention(run) == (state == "not_authorised" ? ["pcsc", "polkit"] : ["pcsc"]))
        #expect(run.console.document?["checks"]?.array?.contains { $0["code"]?.string == code } == true)
    }

    @Test(arguments: ["certificate_untrusted", "certificate_wrong_usage"])
    func certificateThatALoginWouldBeRefusedWithIsFound(_ code: String) throws {
        let run = try examine(card: Sample.card("ready", code: code))
        #expect(run.exit == 6)
        #expect(attention(run) == ["certificate"])
        #expect(run.console.document?["checks"]?.array?.contains { $0["code"]?.string == code } == true)
    }

    @Test func missingReaderIsFoundAndMissingCardIsNormal() throws {
        let noReader = try examine(readers: [])
        #expect(noReader.exit == 4)
        #expect(attention(noReader) == ["readers"])
        let noCard = try examine(readers: [Sample.reader("absent")])
        #expect(noCard.exit == 0)
        #expect(attention(noCard).isEmpty)
    }

    @Test(arguments: [
        (Sample.card("blocked", tries: 0), Int32(5), "pin_blocked"), (Sample.card("foreign", code: "card_foreign"), 4, "card_foreign"),
        (Sample.card("mute"), 4, "card_mute"), (Sample.card("foreign", code: "card_damaged"), 4, "card_damaged"),
        (Sample.card("ready", until: "2026-02-28T00:00:00.000Z"), 6, "certificate_expired"),
    ])
    func cardThatCannotLogInIsNamedWithItsCode(_ card: JSON, _ exit: Int32, _ code: String) throws {
        let run = try examine(card: card)
        #expect(run.exit == exit)
        #expect(run.console.document?["checks"]?.array?.contains { $0["code"]?.string == code && $0["ok"] == false } == true)
    }

    @Test(arguments: [
        (Sample.card("ready", tries: 1), "card"), (Sample.card("ready", until: "2026-03-20T00:00:00.000Z"), "certificate"),
    ])
    func cardThatWillSoonFailIsSpokenOf(_ card: JSON, _ check: String) throws {
        let run = try examine(card: card)
        #expect(run.exit == 0)
        #expect(attention(run) == [check])
    }

    @Test func weakSettingsAreSpokenOfButStandInNobodysWay() throws {
        let run = try examine(environment: "test", revocation: "unchecked", warnings: ["tokens.issuer is not https"])
        #expect(run.exit == 0)
        #expect(attention(run) == ["trust", "revocation", "configuration"])
    }

    @Test func personReadsALineForEachCheck() throws {
        let run = try Run("doctor --socket /nonexistent/s --lang fr")
        #expect(
            run.console.output.hasPrefix(
                "ATTENTION  agent: connexion à /nonexistent/s : aucun fichier ni dossier de ce nom : L'agent ne répond pas\n    Le socket n'existe pas"
            ))
        #expect(run.console.output.contains("\n    → Démarrer le service"))
        #expect(run.console.output.contains("\n    $ systemctl enable --now cps-agent.service\n"))
    }
}
