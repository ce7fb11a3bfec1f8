import APIContract
import AgentClient
import ArgumentParser
import Primitives
import QRCodes

struct MobilePairVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "pair",
        abstract: Help.text(
            "Show a code that one's own phone or tablet reads.", "Montrer un code à lire avec son propre téléphone ou sa tablette."),
        discussion: Help.text(
            """
            The code is good once, for a minute. The device that reads it shows two digits; type them here, and it is let in. There is one
            try. Let nobody else see the code. With --json the pairing is printed and the verb ends: `cpsctl mobile confirm` goes on.

              cpsctl mobile pair --background light      on a terminal with dark letters
              cpsctl mobile pair --svg code.svg          as an image, black on white
              cpsctl mobile pair --scope record:read --minutes 60
            """,
            """
            Le code vaut une fois, une minute. L'appareil qui le lit montre deux chiffres ; les taper ici, et il entre. Il n'y a qu'un
            essai. Que personne d'autre ne voie le code. Avec --json l'appairage est affiché et la commande finit : voir `mobile confirm`.

              cpsctl mobile pair --background light      sur un terminal aux lettres sombres
              cpsctl mobile pair --png code.png          en image, noir sur blanc
              cpsctl mobile pair --scope record:read --minutes 45
            """))

    @OptionGroup var global: GlobalOptions

    @Option(
        name: .customLong("scope"),
        help: Help.argument(
            "A right that it may have at most; may be repeated. Else all that devices may have.",
            "Un droit qu'il aura au plus ; peut être répété. Sinon tous ceux que les appareils peuvent avoir."))
    var scopes: [String] = []

    @Option(
        help: Help.argument(
            "The only service that its tokens are for; else those of its program.",
            "Le seul service auquel ses jetons sont destinés ; sinon ceux de son logiciel."))
    var audience: ResourceID?

    @OptionGroup var device: DeviceOptions

    @Option(help: Help.argument("Write the code to this new SVG file.", "Écrire le code dans ce nouveau fichier SVG."))
    var svg: ResourceID?

    @Option(help: Help.argument("Write the code to this new PNG file.", "Écrire le code dans ce nouveau fichier PNG."))
    var png: ResourceID?

    @Option(
        help: Help.argument(
            "What the terminal shows behind its letters: dark or light.", "Ce que le terminal montre derrière ses lettres : dark ou light.")
    )
    var background: TerminalBackground = .dark

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let body = JSON.members([
            "session": .string(try tool.session(device.own.session)), "scopes": scopes.isEmpty ? nil : .array(scopes.map(JSON.string)),
            "resource": audience.map { .string($0.text) }, "minutes": device.minutes.map(JSON.int),
        ])
        let pairing = try tool.client.send(AgentRequest(.post, ["mobile", "pairings"], body: .json(body))).json()
        let dialogue = try PairingDialogue(tool: tool, pairing: pairing)
        do throws(Problem) {
            try show(try dialogue.code, tool)
            guard !tool.output.isJSON else {
                try tool.output.show(pairing) { [] }
                return .done
            }
            return try dialogue.run()
        } catch {
            dialogue.giveUp()
            throw error
        }
    }

    /// In files where some are named; else on the terminal.
    private func show(_ code: QRCode, _ tool: Tool) throws(Problem) {
        if let svg { try write(Array(code.svg.utf8), to: svg.text, tool) }
        if let png { try write(code.png(), to: png.text, tool) }
        guard svg == nil, png == nil, !tool.output.isJSON else { return }
        for line in code.terminalLines(on: background) { try tool.output.line(line) }
    }

    private func write(_ content: [UInt8], to path: String, _ tool: Tool) throws(Problem) {
        do throws(FileError) {
            try PlainFile.create(path, content)
        } catch {
            throw tool.output.problem(error, at: path)
        }
        if !tool.output.isJSON { tool.output.tell(MobileSentence.written(path)) }
    }
}

extension TerminalBackground: ExpressibleByArgument {}

struct MobileConfirmVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "confirm",
        abstract: Help.text(
            "Type the two digits that a device shows which read a code.", "Donner les deux chiffres que montre l'appareil qui a lu un code."
        ),
        discussion: Help.text(
            """
            For a pairing that `cpsctl --json mobile pair` began. There is one try.

              cpsctl mobile confirm PAIRING 42
            """,
            """
            Pour un appairage commencé par `cpsctl --json mobile pair`. Il n'y a qu'un essai.

              cpsctl mobile confirm APPAIRAGE 42
            """))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("Id of the pairing.", "Identifiant de l'appairage."))
    var id: ResourceID

    @Argument(help: Help.argument("The two digits.", "Les deux chiffres."))
    var digits: String

    func validate() throws {
        guard PairingDialogue.areDigits(digits) else { throw ValidationError("the digits are two digits") }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let answer = try tool.client.send(
            AgentRequest(.post, ["mobile", "pairings", id.text, "digits"], body: .json(["digits": .string(digits)]))
        ).json()
        return try PairingDialogue(tool: tool, pairing: answer).finish(from: answer)
    }
}
