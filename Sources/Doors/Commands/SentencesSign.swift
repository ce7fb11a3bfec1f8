import APIContract

/// What a person reads while documents are signed.
enum SignSentence {
    static let givenUp = Text("Signature abandonnée", "Signature given up")

    static func signed(_ name: String, _ file: String) -> Text { Text("\(name) signé : \(file)", "\(name) signed: \(file)") }
}
