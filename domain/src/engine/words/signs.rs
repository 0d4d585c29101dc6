//! Signs in the body that a professional should know of: breath, arm and jaw, a swollen calf, speech, blood.

use super::patterns::Pattern;

const HURTS: &[&str] = &[
    "pain*",
    "hurt*",
    "ache*",
    "aching",
    "tight*",
    "radiat*",
    "spread*",
    "shoot*",
    "numb*",
    "schmerz*",
    "weh",
    "zieh*",
    "strahl*",
    "druck",
    "ausstrahl*",
    "douleur*",
    "mal",
    "irradi*",
    "descend",
    "lancin*",
    "engourd*",
];
const LEG: &[&str] = &["calf", "calves", "leg", "wade", "waden", "unterschenkel", "bein", "mollet*", "jambe*"];
const SWOLLEN: &[&str] =
    &["swollen", "swell*", "swelled", "geschwoll*", "angeschwoll*", "dick", "dicke", "gonfl*", "enfl*"];
const EFFORTS: &[&str] =
    &["moindre", "repos", "marche", "marchant", "escalier*", "peu", "pas", "parlant", "assis*", "nuit", "allonge*"];

const LIMB: &[&str] = &[
    "foot", "feet", "leg", "legs", "tos", "arm", "arms", "hand", "hands", "fingers", "fuss", "fusse", "bein", "beine",
    "zehen", "arme", "hande", "pied", "pieds", "jambe", "jambes", "orteils", "bras", "main", "mains", "doigts",
];
const WEIGHT: &[&str] = &["kg", "kilo", "kilos", "pounds", "lbs", "weight", "gewicht", "poids"];
/// Nobody wanted it, and nobody knows why.
const UNWANTED: &[&str] = &[
    "trying",
    "unexplain*",
    "inexplicably",
    "unintentional*",
    "unerklar*",
    "ungewollt*",
    "grundlos*",
    "grund",
    "versuchen",
    "inexpliqu*",
    "involontaire*",
    "vouloir",
    "raison",
    "essayer",
];

#[rustfmt::skip]
pub(super) const SIGNS: &[Pattern] = &[
    Pattern { meaning: "numbness", groups: &[LIMB, &["feel", "spure", "fuhle", "sens"], &["cant", "cannot", "dont", "nicht", "kaum", "hardly", "barely", "pas", "plus"]], unless: &["difference", "unterschied", "working", "pump"] },
    Pattern { meaning: "numbness", groups: &[&["foot", "leg", "fuss", "bein", "pied", "jambe"], &["drags", "dragging", "nachziehe", "schleift", "traine"]], unless: &["sled", "schlitten"] },
    Pattern { meaning: "unexplained weight loss", groups: &[WEIGHT, &["lost", "losing", "loss", "lose", "verlor*", "verlier*", "abgenommen", "abnahme", "perdu*", "perds", "perte"], UNWANTED], unless: &["bar", "barbell", "hard", "want", "mochte", "veux", "voudrais"] },
    Pattern { meaning: "unexplained weight loss", groups: &[&["gewichtsverlust", "gewichtsabnahme", "amaigrissement"], UNWANTED], unless: &[] },
    Pattern { meaning: "chest pain", groups: &[&["arm"], &["left", "link*"], HURTS], unless: &["curl*", "throw*", "tennis*", "elbow", "ellbogen", "shoulder", "schulter"] },
    Pattern { meaning: "chest pain", groups: &[&["bras"], &["gauche"], HURTS], unless: &["coude", "epaule", "tennis"] },
    Pattern { meaning: "chest pain", groups: &[&["jaw", "kiefer*", "machoire*"], HURTS], unless: &["dentist", "tooth", "zahn*", "dent", "drop*", "boxing", "boxe"] },
    Pattern { meaning: "chest pain", groups: &[&["chest", "brust", "poitrine", "thorax", "ribs", "rippen", "cotes"], &["belt", "band", "ring", "strap", "vice", "gurtel", "gurt", "reifen", "barre", "etau", "ceinture"], &["around", "across", "over", "um", "qur", "autour", "dans", "sur", "like", "wie", "comme", "round", "rund"]], unless: &["press", "pressing", "heart", "herz*", "monitor", "rate", "exercise*", "resistance", "puls*", "cardio"] },
    Pattern { meaning: "chest pain", groups: &[&["chest", "brust", "brustkorb", "brustbein", "poitrine", "thorax", "thorac*", "sternum"], &["sits", "sitting", "sitzt", "stands", "standing", "steht", "liegt", "lies", "lastet", "assis*", "appui*", "poids", "gewicht"], &["auf", "on", "sur", "like", "wie", "comme", "ecras*"]], unless: &["press", "bench", "bank", "monitor", "strap", "muscle*", "muskel*"] },
    Pattern { meaning: "fainting", groups: &[&["dark", "black", "grey", "gray", "schwarz", "grau", "noir", "gris", "flou"], &["everything", "world", "alles", "mir", "tout"], &["gos", "go", "went", "turns", "turned", "wird", "wurde", "werden", "devient", "devenu", "devenait"]], unless: &["chocolate", "hair", "haar*", "cheveux"] },
    Pattern { meaning: "a stroke", groups: &[&["words", "worte", "worter", "mots"], &["find", "fand", "finde", "trouv*"], &["couldnt", "cant", "cannot", "keine", "nicht", "plus", "pas"]], unless: &["coach", "motivation", "describe"] },
    Pattern { meaning: "breathlessness", groups: &[&["sitting", "upright", "sitzen", "aufrecht", "assis*"], &["sleep", "schlafen", "schlafe", "dormir", "dors"], &["breath*", "air", "atm*", "luft", "respir*", "souffl*"]], unless: &[] },
    Pattern { meaning: "a stroke", groups: &[&["face", "mouth", "gesicht", "mund", "mundwinkel", "visage", "bouche"], &["droop*", "hing", "hangt", "schief", "paralys*", "tombant*"]], unless: &["mask", "maske"] },
    Pattern { meaning: "a heart condition", groups: &[&["valve", "klappe"], &["leak*", "undicht*", "fuite", "regurgit*", "replaced", "ersetzt", "remplace*"]], unless: &["bike", "tyre", "tire", "tube", "velo", "rad", "reifen", "pneu*"] },
    Pattern { meaning: "seizures", groups: &[&["fits", "anfalle", "anfallen", "crises"], &["childhood", "child", "teenager", "medication", "meds", "tablets", "pills", "tabletten", "medikament*", "kindheit", "jugend*", "cachet*", "traitement", "medicament*", "adolescen*", "enfan*"]], unless: &["foie", "nerfs", "budget", "plan", "hust*", "wut*"] },
    Pattern { meaning: "breathlessness", groups: &[&["luft"], &["ringe", "ringen", "schnappe", "schnappen", "japse"]], unless: &["sprint*"] },
    Pattern { meaning: "breathlessness", groups: &[&["respirer"], &["sans", "impossible"], &["pouvoir", "parvenir", "de"]], unless: &[] },
    Pattern { meaning: "breathlessness", groups: &[&["breathless*"]], unless: &["view*", "beaut*", "speech*", "excite*", "scene*"] },
    Pattern { meaning: "breathlessness", groups: &[&["short", "shortness"], &["breath"]], unless: &[] },
    Pattern { meaning: "breathlessness", groups: &[&["gasp*", "fight*", "struggl*"], &["air", "breath", "breathe"]], unless: &["finish", "sprint*"] },
    Pattern { meaning: "breathlessness", groups: &[&["cant", "cannot", "couldnt", "hardly", "barely", "trouble", "difficult*", "unable"], &["breathe", "breathing"]], unless: &["swim*", "crawl", "mask", "nose"] },
    Pattern { meaning: "breathlessness", groups: &[&["cant", "cannot", "couldnt", "hardly", "barely"], &["catch", "get"], &["breath"]], unless: &[] },
    Pattern { meaning: "breathlessness", groups: &[&["atemnot", "luftnot", "kurzatmig*", "atembeschwerden", "atemprobleme", "erstickungs*", "dyspno*"]], unless: &[] },
    Pattern { meaning: "breathlessness", groups: &[&["luft"], &["keine", "kaum", "schlecht", "wenig", "schwer"], &["bekomm*", "krieg*", "ringe", "hole", "habe"]], unless: &["nase"] },
    Pattern { meaning: "breathlessness", groups: &[&["schwer", "kaum", "schlecht"], &["atmen", "atme"]], unless: &["nase", "schwimm*"] },
    Pattern { meaning: "breathlessness", groups: &[&["souffle"], &["court", "coupe"]], unless: &["vu", "paysage*"] },
    Pattern { meaning: "breathlessness", groups: &[&["essouffl*"], EFFORTS], unless: &[] },
    Pattern { meaning: "breathlessness", groups: &[&["manqu*", "cherch*"], &["air"]], unless: &["plein"] },
    Pattern { meaning: "breathlessness", groups: &[&["mal", "peine", "difficult*"], &["respirer", "respir*"]], unless: &["crawl", "nag*"] },
    Pattern { meaning: "breathlessness", groups: &[&["suffoqu*", "dyspne*", "etouff*"]], unless: &[] },
    Pattern { meaning: "a blood clot", groups: &[LEG, &["twice", "double*", "doppelt*", "throb*", "pocht", "volum"]], unless: &["jump*", "under*", "week", "session*", "training"] },
    Pattern { meaning: "a blood clot", groups: &[LEG, SWOLLEN], unless: &["pump", "pumped", "muscle*", "knee", "knie", "muskel*", "pain", "brett"] },
    Pattern { meaning: "a blood clot", groups: &[LEG, &["red", "rot", "rouge", "hot"]], unless: &["day", "sun*", "light", "sonn*", "soleil"] },
    Pattern { meaning: "a stroke", groups: &[&["paralysed", "paralyzed", "paralysi*", "gelahmt*", "lahmung*", "halbseitig*", "hemipleg*"]], unless: &["fear", "analysis", "angst", "peur", "cleanser"] },
    Pattern { meaning: "a stroke", groups: &[&["speech", "words", "sprache", "sprechen", "worte", "parole"], &["slurr*", "garbled", "verwasch*", "lallend", "pateuse", "confus*"]], unless: &[] },
    Pattern { meaning: "coughing blood", groups: &[&["cough*", "spit*", "spat", "hust*", "gehustet", "spuck*", "crach*", "touss*"], &["blood", "bloody", "blut", "blutig*", "sang"]], unless: &[] },
    Pattern { meaning: "fainting", groups: &[&["kollaps", "kollabier*"]], unless: &[] },
    Pattern { meaning: "fainting", groups: &[&["woke", "wake", "waking", "aufgewacht", "reveille*"], &["floor", "ground", "boden", "sol", "terre"]], unless: &["mat", "sleep*", "mattress", "matratze"] },
    Pattern { meaning: "a heart condition", groups: &[&["pontage*", "defibrillateur*", "icd", "herzkatheter*", "schrittmacher", "kammerflimmern"]], unless: &[] },
    Pattern { meaning: "a heart condition", groups: &[&["stimulateur*"]], unless: &["muscul*", "electro*"] },
    Pattern { meaning: "a heart condition", groups: &[&["aort*", "mitral*", "herzklappe*"], &["valve", "klappe*", "stenos*", "insuffi*", "dissection", "repair", "operiert", "ersatz*"]], unless: &[] },
    Pattern { meaning: "numbness", groups: &[&["picotement*", "kribbel*"], &["doigt*", "main", "mains", "bras", "jambe*", "pied*", "finger*", "hand", "hande", "bein*", "fuss*", "arm", "arme"]], unless: &[] },
];
