import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct AuditCheckpointVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: Help.text(
            "Print the signed head of the log, to be kept outside this machine.",
            "Afficher la tête signée du journal, à garder hors de ce poste."))

    @OptionGroup var global: GlobalOptions

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let note = try tool.client.send(AgentRequest(.get, ["audit", "checkpoint"])).text()
        try tool.output.show(["checkpoint": .string(note)]) { [note.hasSuffix("\n") ? String(note.dropLast()) : note] }
        return .done
    }
}

struct AuditKeyVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: Help.text(
            "Print the key that checks the log, to be kept outside this machine.",
            "Afficher la clé qui vérifie le journal, à garder hors de ce poste."),
        discussion: Help.text(
            """
            With --all: every key that the log is or was signed with, the newest last, with the number of traces at which it came into \
            force and why. With --rotate (root or the agent's own user): a new key from now on; the old one vouches for it in the log, \
            signs the first checkpoint beside it, and is then destroyed. Who knows an older key can follow to the newest.
            """,
            """
            Avec --all : toutes les clés qui ont signé le journal, la dernière à la fin, avec le nombre de traces à leur entrée en vigueur \
            et la raison. Avec --rotate (root ou l'utilisateur de l'agent) : une nouvelle clé dès maintenant ; l'ancienne s'en porte \
            garante dans le journal, signe la première tête avec elle, puis est détruite. Qui connaît une ancienne clé peut remonter \
            jusqu'à la dernière.
            """))

    @OptionGroup var global: GlobalOptions

    @Flag(help: Help.argument("Every key, the newest last.", "Toutes les clés, la dernière à la fin."))
    var all = false

    @Flag(help: Help.argument("Make a new key.", "Faire une nouvelle clé."))
    var rotate = false

    func validate() throws {
        if all, rotate { throw ValidationError("--all and --rotate exclude each other") }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        if all {
            let answer = try tool.get("audit", "keys")
            try tool.output.show(answer) {
                Table.lines(
                    (answer["keys"]?.array ?? []).map {
                        [$0.text("since"), $0.words("cause", tool.output.language, Sentence.keyCause), $0.text("key")]
                    })
            }
            return .done
        }
        if rotate {
            let answer = try tool.client.send(AgentRequest(.post, ["audit", "keys"])).json()
            try tool.output.show(answer) { [Sentence.keyRotated.in(tool.output.language), answer.text("key")] }
            return .done
        }
        let text = try tool.client.send(AgentRequest(.get, ["audit", "key"])).text()
        let key = text.hasSuffix("\n") ? String(text.dropLast()) : text
        try tool.output.show(["key": .string(key)]) { [key] }
        return .done
    }
}
