// What the page says, in the languages it speaks.

const portuguese = {
  skip: 'Ir para a mensagem',
  badge: 'simulador',
  headline: 'Você é o cliente. Mande um direct.',
  pitch: 'Escreva como um cliente escreve: em pedaços, com pressa. O Atende espera você terminar, pensa e responde uma vez só.',
  real: 'Nada aqui é atalho: cada mensagem vira um webhook assinado, e a resposta volta pelo mesmo caminho que vai à Meta.',
  demo: 'Ver demonstração',
  demoShort: 'Demo',
  newCustomer: 'Novo cliente',
  newCustomerShort: 'Novo',
  owner: 'Dono responde pelo app',
  ownerShort: 'Dono',
  profile: 'Perfil',
  model: 'Modelo',
  customer: 'Cliente',
  version: 'Versão',
  refused: 'O perfil mudou, mas tem erros: a versão anterior continua respondendo.',
  conversation: 'Conversa',
  messages: 'Mensagens',
  suggestions: 'Sugestões',
  disclosure: 'Assistente virtual · conversa simulada',
  message: 'Mensagem',
  placeholder: 'Mensagem…',
  ownerPlaceholder: 'Responder como o dono…',
  send: 'Enviar',
  record: 'Gravar áudio',
  recording: 'Gravando… toque de novo para enviar; Esc cancela.',
  sendRecording: 'Enviar áudio',
  noMicrophone: 'O navegador não deu acesso ao microfone.',
  voiceNote: 'Mensagem de voz',
  cancel: 'Cancelar',
  save: 'Salvar',
  options: 'Opções da mensagem',
  edit: 'Editar',
  unsend: 'Cancelar envio',
  editing: 'Editando a mensagem',
  owning: 'Você responde como o dono, pelo app do Instagram',
  seen: 'Visto',
  edited: 'Editada',
  unsent: 'Você cancelou o envio de uma mensagem',
  failed: 'Não entregue',
  byOwner: 'Respondido pelo dono no app do Instagram',
  typing: 'Digitando…',
  voiceAnswer: 'Resposta em áudio',
  happened: 'O que aconteceu',
  empty: 'Mande uma mensagem e acompanhe aqui cada passo dela, com os tempos.',
  turn: (n) => `Rodada ${n}`,
  total: (seconds) => `${seconds} s no total`,
  stageReceived: 'Recebida',
  stageReceivedMany: (n) => `${n} mensagens recebidas`,
  stageWaiting: 'Aguardando o cliente terminar',
  stageHeard: 'Áudio ouvido',
  stageNotHeard: 'Áudio não entendido',
  stageThinking: 'Pensando',
  stageKnowledge: 'Leu o conhecimento',
  allKnowledge: 'todo ele',
  stageTool: 'Ferramenta',
  fromCache: 'do cache',
  fromOutdatedCache: 'do cache, desatualizado',
  stageSent: 'Enviada',
  stageNotSent: 'Não enviada',
  stagePaused: 'Pausado: uma pessoa está atendendo',
  stageHandedOver: 'Pausado: o robô passou para uma pessoa',
  stageSpeaker: (name) => `Agora responde ${name}`,
  stageTripped: 'Pausado: respostas demais, uma pessoa deve olhar',
  limits: {
    'ten minutes': 'limite de respostas em 10 minutos', day: 'limite de respostas em um dia',
    'ping-pong': 'do outro lado parece haver um robô',
  },
  lastOne: (ms) => `a última em ${ms} ms`,
  left: (seconds) => `faltam ${seconds} s de silêncio`,
  quiet: (seconds) => `${seconds} s de silêncio`,
  leadSaved: 'Lead salvo',
  offline: 'Sem conexão com o Atende. Tentando de novo…',
  notSent: 'A mensagem não foi entregue: o Atende não a aceitou, ou está fora do ar.',
  fields: {
    name: 'Nome', phone: 'Telefone', interest: 'Interesse', city: 'Cidade', email: 'E-mail', consent: 'Consentimento',
    notes: 'Observações',
  },
  yes: 'Sim',
  no: 'Não',
};

const english = {
  skip: 'Skip to the message',
  badge: 'simulator',
  headline: 'You are the customer. Send a DM.',
  pitch: 'Write the way customers write: in pieces, in a hurry. Atende waits until you are done, thinks, and answers once.',
  real: 'There is no shortcut here: every message becomes a signed webhook, and the answer comes back the way it goes to Meta.',
  demo: 'Play the demo',
  demoShort: 'Demo',
  newCustomer: 'New customer',
  newCustomerShort: 'New',
  owner: 'Owner replies in the app',
  ownerShort: 'Owner',
  profile: 'Profile',
  model: 'Model',
  customer: 'Customer',
  version: 'Version',
  refused: 'The profile was changed but has mistakes: the version before it goes on answering.',
  conversation: 'Conversation',
  messages: 'Messages',
  suggestions: 'Suggestions',
  disclosure: 'Virtual assistant · simulated conversation',
  message: 'Message',
  placeholder: 'Message…',
  ownerPlaceholder: 'Reply as the owner…',
  send: 'Send',
  record: 'Record a voice note',
  recording: 'Recording… press again to send; Esc cancels.',
  sendRecording: 'Send the voice note',
  noMicrophone: 'The browser gave no access to the microphone.',
  voiceNote: 'Voice note',
  cancel: 'Cancel',
  save: 'Save',
  options: 'Message options',
  edit: 'Edit',
  unsend: 'Unsend',
  editing: 'Editing the message',
  owning: 'You are replying as the owner, in the Instagram app',
  seen: 'Seen',
  edited: 'Edited',
  unsent: 'You unsent a message',
  failed: 'Not delivered',
  byOwner: 'The owner replied in the Instagram app',
  typing: 'Typing…',
  voiceAnswer: 'Spoken answer',
  happened: 'What happened',
  empty: 'Send a message and follow each of its steps here, with times.',
  turn: (n) => `Turn ${n}`,
  total: (seconds) => `${seconds} s in total`,
  stageReceived: 'Received',
  stageReceivedMany: (n) => `${n} messages received`,
  stageWaiting: 'Waiting until the customer is done',
  stageHeard: 'Voice note heard',
  stageNotHeard: 'Voice note not understood',
  stageThinking: 'Thinking',
  stageKnowledge: 'Read the knowledge',
  allKnowledge: 'all of it',
  stageTool: 'Tool',
  fromCache: 'from the cache',
  fromOutdatedCache: 'from the cache, outdated',
  stageSent: 'Sent',
  stageNotSent: 'Not sent',
  stagePaused: 'Paused: a person is answering',
  stageHandedOver: 'Paused: the bot handed over to a person',
  stageSpeaker: (name) => `${name} answers now`,
  stageTripped: 'Paused: too many answers, a person should look',
  limits: {
    'ten minutes': 'limit of answers in 10 minutes', day: 'limit of answers in a day',
    'ping-pong': 'the other side seems to be a bot',
  },
  lastOne: (ms) => `the last one at ${ms} ms`,
  left: (seconds) => `${seconds} s of silence to go`,
  quiet: (seconds) => `${seconds} s of silence`,
  leadSaved: 'Lead saved',
  offline: 'No connection to Atende. Trying again…',
  notSent: 'The message was not delivered: Atende did not accept it, or is away.',
  fields: {
    name: 'Name', phone: 'Phone', interest: 'Interest', city: 'City', email: 'E-mail', consent: 'Consent', notes: 'Notes',
  },
  yes: 'Yes',
  no: 'No',
};

const asked = new URLSearchParams(location.search).get('lang') ?? navigator.language;
export const language = asked.toLowerCase().startsWith('pt') ? 'pt-BR' : 'en';
export const text = language === 'pt-BR' ? portuguese : english;

const numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const wholeNumbers = new Intl.NumberFormat(language);
export const seconds = (ms) => numbers.format(ms / 1000);
export const whole = (number) => wholeNumbers.format(number);

// A field's name as people say it; one we do not know is shown as it is, without underscores.
export function fieldLabel(key) {
  if (Object.hasOwn(text.fields, key)) return text.fields[key];
  const spaced = key.replaceAll('_', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

export function fieldValue(value) {
  if (typeof value === 'boolean') return value ? text.yes : text.no;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function translatePage() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = text[element.dataset.text];
  for (const element of document.querySelectorAll('[data-label]'))
    element.setAttribute('aria-label', text[element.dataset.label]);
  for (const element of document.querySelectorAll('[data-placeholder]'))
    element.placeholder = text[element.dataset.placeholder];
}
