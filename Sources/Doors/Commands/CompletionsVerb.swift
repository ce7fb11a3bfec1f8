import APIContract
import ArgumentParser
import Primitives

struct CompletionsVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: Help.text("Print a completion script for a shell.", "Afficher un script de complétion pour un shell."))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("bash, zsh or fish.", "bash, zsh ou fish."))
    var shell: Shell

    enum Shell: String, CaseIterable, ExpressibleByArgument {
        case bash, zsh, fish

        var completion: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let script = CPSCtl.completionScript(for: shell.completion)
        try tool.output.show(["script": .string(script)]) { [script] }
        return .done
    }
}
