import APIContract
import AgentClient
import Primitives
import QRCodes

/// From a code on the screen to a device that is in: a person types the digits that the device shows.
struct PairingDialogue {
    private let tool: Tool
    private let pairing: JSON
    private let route: [String]

    /// How often the agent is asked how far it is.
    private static let pace = Duration.milliseconds(500)
    /// More than the two minutes and a bit that an agent lets one last, at that pace.
    private static let mostQuestions = 480

    init(tool: Tool, pairing: JSON) throws(Problem) {
        guard let id = pairing["id"]?.string else {
            throw tool.output.problem(.internalError, Text("l'appairage n'a pas d'id", "the pairing has no id"))
        }
        self.tool = tool
        self.pairing = pairing
        route = ["mobile", "pairings", id]
    }

    var code: QRCode {
        get throws(Problem) {
            guard let text = pairing["code_uri"]?.string, let code = try? QRCode(text) else {
                throw tool.output.problem(.internalError, Text("l'appairage n'a pas de code", "the pairing has no code"))
            }
            return code
        }
    }

    static func areDigits(_ text: String) -> Bool {
        text.utf8.count == 2 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// A pairing that is over cannot be given up; then there is nothing to do.
    func giveUp() { tool.giveUp(route) }

    func run() throws(Problem) -> ExitStatus {
        tool.output.tell(MobileSentence.readIt)
        let redeemed = try waited { $0 != "shown" }
        guard redeemed["state"]?.string == "redeemed" else { return try finish(from: redeemed) }
        tool.output.tell(
            MobileSentence.asks(redeemed.text("device_name"), redeemed.text("client"), redeemed.text("address")))
        let body: JSON = ["digits": .string(try digits())]
        return try finish(from: try tool.client.send(AgentRequest(.post, route + ["digits"], body: .json(body))).json())
    }

    /// Waits until the device has come for its tokens, and shows how it ended.
    func finish(from answer: JSON) throws(Problem) -> ExitStatus {
        let open: Set<String> = ["shown", "redeemed", "confirmed"]
        let ended = open.contains(answer.text("state")) ? try waited { !open.contains($0) } : answer
        guard ended["state"]?.string == "done" else {
            let code = ended["code"]?.string.flatMap(ErrorCode.init(rawValue:)) ?? .pairingState
            let state = ended.text("state")
            throw tool.output.problem(code, Text("appairage : \(WatchSentence.attempt(state).french)", "the pairing is \(state)"))
        }
        try tool.output.show(ended) {
            [MobileSentence.isIn(ended.text("device_name"), ended.text("mobile_session")).in(tool.output.language)]
        }
        return .done
    }

    private func waited(_ isOver: (String) -> Bool) throws(Problem) -> JSON {
        for _ in 0..<Self.mostQuestions {
            let now = try tool.client.send(AgentRequest(.get, route)).json()
            if isOver(now.text("state")) { return now }
            tool.console.pause(Self.pace)
        }
        throw tool.output.problem(.pairingState, Text("l'agent ne dit pas comment cela a fini", "the agent does not say how it ended"))
    }

    /// The digits as they are typed. What cannot be digits is asked for again: the agent takes one try alone.
    private func digits() throws(Problem) -> String {
        while true {
            let reply: Reply
            do throws(ConsoleFailure) {
                reply = try tool.console.ask(MobileSentence.digitsPrompt.in(tool.output.language), echo: true, limit: 64)
            } catch {
                throw tool.output.problem(.invalidRequest, error.reason.of(.terminal))
            }
            switch consume reply {
            case .line(let line):
                let text = line.withBytes { String(decoding: $0, as: UTF8.self) }
                if Self.areDigits(text) { return text }
                tool.output.tell(MobileSentence.twoDigits)
            case .noTerminal:
                throw tool.output.problem(
                    .invalidRequest,
                    Text(
                        "pas de terminal où demander : voir --json, et `cpsctl mobile confirm`",
                        "there is no terminal to ask on: use --json, and `cpsctl mobile confirm`"))
            case .end: throw givenUp
            case .interrupted(let signal):
                giveUp()
                tool.console.stop(by: signal)
                throw givenUp
            }
        }
    }

    private var givenUp: Problem {
        let language = tool.output.language
        return tool.output.problem(.pairingState, ProblemSentence.gaveUp)
            .saying(MobileSentence.givenUp.in(language), LoginSentence.givenUpRemedy.in(language))
    }
}
