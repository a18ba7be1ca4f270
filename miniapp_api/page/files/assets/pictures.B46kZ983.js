import{y as t}from"./index-Bd5JyKo8.js";function i(i){return i.startsWith("/")?("web"===t.name?location.origin:"")+i:i}export{i as p};
