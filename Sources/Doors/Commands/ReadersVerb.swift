import APIContract
import ArgumentParser
import Primitives

struct ReadersVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "readers", abstract: Help.text("List the card readers.", "Lister les lecteurs de cartes."))

    @OptionGroup var global: GlobalOptions

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let answer = try tool.get("readers")
        try tool.output.show(answer) {
            let readers = answer["readers"]?.array ?? []
            guard !readers.isEmpty else { return [Sentence.noReader.in(tool.output.language)] }
            let language = tool.output.language
            return Table.lines(
                readers.map {
                    [
                        $0.text("id"), $0.words("card", language, CardSentence.state), $0.words("kind", language, CardSentence.readerKind),
                        $0.text("name"),
                    ]
                })
        }
        return .done
    }
}
