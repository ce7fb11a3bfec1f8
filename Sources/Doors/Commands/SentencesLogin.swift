import Primitives

/// What a person reads while logging in.
enum LoginSentence {
    static func found(_ holder: String, _ reader: String, _ tries: Text) -> Text {
        Text(
            "\(holder), lecteur \(reader), essais restants : \(tries.french)", "\(holder), reader \(reader), tries left: \(tries.english)")
    }

    static let profilePrompt = Text("Situation (numéro) : ", "Situation (number): ")
    static func endsSoon(_ end: String) -> Text {
        Text(
            "Le certificat de cette carte se termine le \(end) : demander son renouvellement.",
            "The certificate of this card ends on \(end): ask for its renewal.")
    }

    static let pinPrompt = Text("Code porteur : ", "PIN: ")
    static let keypadPrompt = Text("Saisir le code porteur sur le lecteur.", "Enter the PIN on the reader.")

    /// The word that stands for consent, and the question that asks for it.
    static let consentWord = Text("OUI", "YES")
    static let consentPrompt = Text(
        "Dernier essai : un code faux bloquera la carte. Taper OUI pour continuer : ",
        "Last try: a wrong PIN will block the card. Type YES to go on: ")

    static let unlockingGivenUp = Text("Déverrouillage abandonné", "Unlocking given up")
    static let givenUp = Text("Connexion abandonnée", "Login given up")
    static let givenUpRemedy = Text("Recommencer si besoin. Aucun essai n'a été consommé.", "Begin again if needed. No try was spent.")
}
