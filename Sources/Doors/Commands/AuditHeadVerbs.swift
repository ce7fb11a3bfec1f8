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
            "Afficher la clé qui vérifie le journal, à garder hors de ce poste."))

    @OptionGroup var global: GlobalOptions

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let text = try tool.client.send(AgentRequest(.get, ["audit", "key"])).text()
        let key = text.hasSuffix("\n") ? String(text.dropLast()) : text
        try tool.output.show(["key": .string(key)]) { [key] }
        return .done
    }
}
