import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct MobileApproveVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: Help.text(
            "Let in the device in one's hand that shows this code, by card and PIN.",
            "Faire entrer l'appareil en main qui montre ce code, par sa carte et son code."),
        discussion: Help.text(
            """
            Who asks is shown before the PIN is asked. Never approve a code that somebody sent or told: whoever made it gets in as you.
            The PIN is asked on the terminal; with --pin-stdin it is one line of standard input.

              cpsctl mobile approve WDJB-MJHT
              cpsctl mobile approve "wdjb mjht" --minutes 60
            """,
            """
            Qui demande est montré avant que le code de la carte soit demandé. Ne jamais accepter un code reçu ou dicté : qui l'a fait
            entre à votre nom. Le code est demandé au terminal ; avec --pin-stdin c'est une ligne de l'entrée standard.

              cpsctl mobile approve BCDF-GHJK
              cpsctl mobile approve "bcdf ghjk" --minutes 45
            """))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("The code that the device shows.", "Le code que montre l'appareil."))
    var code: ResourceID

    @OptionGroup var device: DeviceOptions
    @OptionGroup var entry: PINEntryOptions

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let attempt = PINAttempt(tool: tool, route: ["mobile", "approvals"], entry: entry, givenUp: MobileSentence.approvalGivenUp)
        let approval = try attempt.begun { () throws(Problem) in
            .members([
                "session": .string(try tool.session(device.own.session)), "user_code": .string(code.text),
                "minutes": device.minutes.map(JSON.int),
            ])
        }
        if !tool.output.isJSON {
            tool.output.tell(MobileSentence.wants)
            for line in Table.lines(MobileSentence.asker(approval.answer["request"] ?? .null, tool.output.language)) {
                tool.console.err(line.printable + "\n")
            }
        }
        let answer = try attempt.complete(approval)
        try tool.output.show(answer) { [MobileSentence.approved.in(tool.output.language)] }
        return .done
    }
}

struct MobileDenyVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "deny",
        abstract: Help.text(
            "Refuse the device that shows this code.", "Refuser l'appareil qui montre ce code."),
        discussion: Help.text(
            "  cpsctl mobile deny WDJB-MJHT        a code that somebody sent",
            "  cpsctl mobile deny WDJB-MJHT        un code que quelqu'un a envoyé"))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("The code.", "Le code."))
    var code: ResourceID

    @OptionGroup var own: OwnSession

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let body: JSON = ["session": .string(try tool.session(own.session)), "user_code": .string(code.text)]
        _ = try tool.client.send(AgentRequest(.post, ["mobile", "approvals", "denials"], body: .json(body)))
        try tool.output.show(["state": "denied"]) { [MobileSentence.denied.in(tool.output.language)] }
        return .done
    }
}
