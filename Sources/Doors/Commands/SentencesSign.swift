import Primitives

/// What a person reads while documents are signed.
enum SignSentence {
    static let givenUp = Text("Signature abandonnée", "Signature given up")

    static func unstamped(_ name: String, _ reason: String) -> Text {
        Text("\(name) : signature sans horodatage (\(Text.heard(reason).french))", "\(name): signature without a stamp (\(reason))")
    }

    static func signed(_ name: String, _ file: String) -> Text { Text("\(name) signé : \(file)", "\(name) signed: \(file)") }
}
