import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct PINVerbs: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: Help.text("See, change and unblock the PIN of a card.", "Voir, changer et débloquer le code d'une carte."),
        subcommands: [Status.self, Change.self, Unblock.self])

    @OptionGroup var global: GlobalOptions

    var path: String { "cpsctl pin" }

    struct Status: Verb {
        static let configuration = CommandConfiguration(
            abstract: Help.text(
                "Show what is left of the PIN and of the unblocking code; spends no try.",
                "Montrer les essais qui restent du code et du code de déblocage ; n'en coûte aucun."))

        @OptionGroup var global: GlobalOptions

        @Option(
            help: Help.argument(
                "Id or PC/SC name of the reader; else the first with a card.",
                "Identifiant ou nom PC/SC du lecteur ; sinon le premier qui a une carte."))
        var reader: ResourceID?

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            let chosen = if let reader { reader.text } else { try CardVerb.firstWithCard(tool) }
            let codes = try tool.get("readers", chosen, "codes")
            try tool.output.show(codes) { Self.lines(codes, tool.output.language) }
            return .done
        }

        private static func lines(_ codes: JSON, _ language: Language) -> [String] {
            var rows = [
                [Sentence.reader.in(language), codes.text("reader")],
                [PINSentence.pinTries.in(language), codes["pin"]?.words("tries_left", language, CardSentence.left) ?? "-"],
            ]
            if let puk = codes["puk"], puk != .null {
                rows.append([PINSentence.pukTries.in(language), puk.words("tries_left", language, CardSentence.left)])
                rows.append([PINSentence.pukUses.in(language), puk.words("uses_left", language, CardSentence.left)])
            }
            return Table.lines(rows)
        }
    }

    struct Change: Verb {
        static let configuration = CommandConfiguration(
            abstract: Help.text("Change the PIN by the old one.", "Changer le code par l'ancien."),
            discussion: Help.text(
                """
                The codes are asked on the terminal, the new PIN twice; with --pin-stdin they are two lines of standard input: \
                the PIN in force, the new PIN.
                """,
                """
                Les codes sont demandés au terminal, le nouveau deux fois ; avec --pin-stdin ce sont deux lignes de l'entrée \
                standard : le code en vigueur, le nouveau code.
                """))

        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: PINOptions

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            var dialogue = PINDialogue(
                tool: tool, options: options, route: "pin-changes", code: "current", prompt: PINSentence.currentPrompt,
                consentPrompt: LoginSentence.consentPrompt)
            return try dialogue.run(PINSentence.changed)
        }
    }

    struct Unblock: Verb {
        static let configuration = CommandConfiguration(
            abstract: Help.text(
                "Unblock the PIN by the unblocking code (PUK), and give it a new value.",
                "Débloquer le code par le code de déblocage (PUK), et lui en donner un nouveau."),
            discussion: Help.text(
                """
                The codes are asked on the terminal, the new PIN twice; with --pin-stdin they are two lines of standard input: \
                the unblocking code, the new PIN.
                """,
                """
                Les codes sont demandés au terminal, le nouveau deux fois ; avec --pin-stdin ce sont deux lignes de l'entrée \
                standard : le code de déblocage, le nouveau code.
                """))

        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: PINOptions

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            var dialogue = PINDialogue(
                tool: tool, options: options, route: "pin-unblocks", code: "puk", prompt: PINSentence.pukPrompt,
                consentPrompt: PINSentence.pukConsentPrompt)
            return try dialogue.run(PINSentence.unblocked)
        }
    }
}

/// What both operations on a PIN take.
struct PINOptions: ParsableArguments {
    @Option(
        help: Help.argument(
            "Id or PC/SC name of the reader; else any with a card.",
            "Identifiant ou nom PC/SC du lecteur ; sinon tout lecteur qui a une carte."))
    var reader: ResourceID?

    @Flag(help: Help.argument("Read the codes from standard input, one a line.", "Lire les codes sur l'entrée standard, un par ligne."))
    var pinStdin = false

    @OptionGroup var consent: ConsentOptions
}
