import Primitives

extension ErrorCatalogue {
    static let account: [ErrorCode: ErrorEntry] = [
        .credentialsRefused: ErrorEntry(
            401, .refused, .now,
            title: Text("Identifiant ou mot de passe incorrect", "Wrong identifier or password"),
            remedy: Text(
                "Vérifier l'identifiant et le clavier, puis recommencer ; sinon appeler le référent.",
                "Check the identifier and the keyboard, then try again; else call the référent.")),
        .passwordFormat: ErrorEntry(
            422, .refused, .never,
            title: Text("Ceci ne peut pas être un mot de passe", "This cannot be a password"),
            remedy: Text(
                "Envoyer de 4 à 1024 octets de texte UTF-8, sans caractère de contrôle. `reason` dit ce qui manque.",
                "Send 4 to 1024 bytes of UTF-8 text without control characters. `reason` says what is wrong.")),
        .passwordWeak: ErrorEntry(
            422, .refused, .never,
            title: Text("Ce mot de passe est trop facile à deviner", "This password is too easy to guess"),
            remedy: Text(
                "En choisir un autre : 12 caractères de quatre sortes, ou 14 (majuscules, minuscules, chiffres), ou 7 mots ; 16 caractères pour qui administre. `reason` dit ce qui manque.",
                "Choose another: 12 characters of four kinds, or 14 (capitals, small letters, digits), or 7 words; 16 characters for who administers. `reason` says what is wrong."
            )),
        .passwordWait: ErrorEntry(
            429, .refused, .later,
            title: Text("Trop d'essais manqués ; il faut attendre", "Too many failures; you have to wait"),
            remedy: Text(
                "Attendre `retry_after` secondes. Rien n'a été essayé. Le référent peut lever l'attente.",
                "Wait `retry_after` seconds. Nothing was tried. A référent can lift the wait.")),
        .passwordExpired: ErrorEntry(
            403, .refused, .never,
            title: Text("Le mot de passe initial n'est plus valable", "The initial password is no longer valid"),
            remedy: Text(
                "Appeler le référent (`contact`) pour un nouveau mot de passe initial, ou en choisir un avec la carte.",
                "Call the référent (`contact`) for another initial password, or choose one with the card.")),
        .passwordChangeRequired: ErrorEntry(
            403, .refused, .never,
            title: Text("Le mot de passe initial doit d'abord être changé", "The initial password has to be changed first"),
            remedy: Text(
                "Choisir le sien : `cpsctl degraded password`.",
                "Choose your own: `cpsctl degraded password`.")),
        .sourceLocked: ErrorEntry(
            429, .refused, .later,
            title: Text(
                "Trop d'essais manqués depuis cet utilisateur de la machine", "Too many failures from this user of the machine"),
            remedy: Text(
                "Attendre `retry_after` secondes, ou appeler le référent (`contact`), qui peut débloquer.",
                "Wait `retry_after` seconds, or call the référent (`contact`), who can unlock.")),
        .hashingBusy: ErrorEntry(
            503, .other, .later,
            title: Text("Trop de mots de passe sont vérifiés en ce moment", "Too many passwords are being checked"),
            remedy: Text(
                "Recommencer dans quelques secondes. Rien n'a été essayé.",
                "Try again in a few seconds. Nothing was tried.")),
        .dictionaryMissing: ErrorEntry(
            503, .other, .later,
            title: Text("Le dictionnaire des mots de passe manque", "The dictionary for passwords is missing"),
            remedy: Text(
                "Installer `cracklib-runtime` et ses listes de mots, puis recommencer.",
                "Install `cracklib-runtime` and its word lists, then try again.")),
        .accountNotFound: ErrorEntry(
            404, .refused, .never,
            title: Text("Compte inconnu", "Unknown account"),
            remedy: Text(
                "Voir `cpsctl account list`.",
                "See `cpsctl account list`.")),
        .accountExists: ErrorEntry(
            409, .refused, .never,
            title: Text("Cette personne a déjà un compte", "This person has an account already"),
            remedy: Text(
                "Lui donner un nouveau mot de passe initial : `cpsctl account reset`.",
                "Give it another initial password: `cpsctl account reset`.")),
        .accountDisabled: ErrorEntry(
            403, .refused, .never,
            title: Text("Ce compte est désactivé", "This account is disabled"),
            remedy: Text(
                "Appeler le référent (`contact`).",
                "Call the référent (`contact`).")),
        .accountUnconfirmed: ErrorEntry(
            403, .refused, .never,
            title: Text("Ce compte attend la confirmation d'une seconde personne", "This account waits for a second person to confirm it"),
            remedy: Text(
                "Appeler le référent (`contact`) : une autre personne confirme avec sa carte.",
                "Call the référent (`contact`): another person confirms it with their card.")),
        .nothingToConfirm: ErrorEntry(
            409, .refused, .never,
            title: Text("Rien n'attend de confirmation", "Nothing waits to be confirmed"),
            remedy: Text(
                "Voir le compte : un mot de passe initial attend 72 heures au plus.",
                "See the account: an initial password waits 72 hours at most.")),
        .secondPersonRequired: ErrorEntry(
            403, .refused, .never,
            title: Text("Une autre personne doit le faire", "Another person has to do this"),
            remedy: Text(
                "Nul ne crée, ne réinitialise ni ne confirme son propre compte, ni ne confirme ce qu'il a fait. Avec sa carte, on choisit soi-même son mot de passe.",
                "Nobody makes, resets or confirms their own account, nor confirms what they did. Who has their card chooses their password themself."
            )),
    ]
}
