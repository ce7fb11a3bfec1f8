import APIContract
import Primitives
import Testing

struct ProblemTests {
    @Test func refusalBecomesAProblemDocument() {
        let problem = Problem(Refusal(.pinWrong, ["tries_left": 2]), language: .french, detail: Text("VÉRIFIER : 63C2", "VERIFY: 63C2"))
        #expect(
            problem.json == [
                "type": "urn:cps-agent:error:pin_wrong", "title": "Code porteur faux", "status": 403, "code": "pin_wrong",
                "remedy": "Saisir le bon code ; `tries_left` dit combien d'essais restent.", "retry": "now", "tries_left": 2,
                "detail": "VERIFY: 63C2",
            ])
        #expect(problem.status == 403)
        #expect(problem.exit == .pin)
    }

    @Test func caseCannotReplaceWhatTheCodeSays() {
        let problem = Problem(Refusal(.forbidden, ["status": 200, "code": "done", "title": "Fine"]), language: .english)
        #expect(problem.json["status"] == 403)
        #expect(problem.json["code"] == "forbidden")
        #expect(problem.json["title"] == "This user may not do this")
    }

    @Test(
        arguments: [
            (["code": "card_absent"], "card_absent", 4), (["code": "of_tomorrow"], "of_tomorrow", 8), ([:], "internal_error", 8),
            ("no object", "internal_error", 8),
        ] as [(JSON, String, Int32)])
    func documentOfAnAgentIsRead(_ document: JSON, _ code: String, _ exit: Int32) {
        let problem = Problem(status: 409, document: document)
        #expect(problem.code == code)
        #expect(problem.exit.rawValue == exit)
        #expect(problem.json == document)
    }
}
